const PASSWORD_OF_USER = /^([a-z][a-z0-9+.-]*:\/\/[^:@/?#]*):.*@/is
const PASSWORD_PARAMETER = /([?&][a-z_]*pass(?:word|wd|phrase)?)=[^&#]*/gi

/**
 * A database URL with its passwords replaced by `***`, for messages. Works on malformed URLs too:
 * where it is in doubt what belongs to the password, more is hidden rather than less.
 *
 * @example
 * redactUrl('postgres://app:secret@db.example/shop') // 'postgres://app:***@db.example/shop'
 */
export function redactUrl(url: string): string {
  return url.replace(PASSWORD_OF_USER, '$1:***@').replace(PASSWORD_PARAMETER, '$1=***')
}

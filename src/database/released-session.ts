import { ConfigError } from '../errors.ts'

/** The error of a session that somebody else may have by now. */
export function releasedSession(label: string): ConfigError {
  return new ConfigError('NO_DATABASE', {
    what: `a session of ${label} was used after its release`,
    fix: 'call release() when the last statement has been answered',
  })
}

import { createHash } from 'node:crypto'

const MAX_BYTES = 63

/**
 * A name made of parts, at most 63 bytes long. A longer one is cut and gets eight hexadecimal digits
 * of a hash of all of it, so that the same parts always give the same name and names with a common
 * beginning stay different.
 *
 * `generatedName(['users', 'email'], 'key')` is `users_email_key`.
 */
export function generatedName(parts: readonly string[], suffix?: string): string {
  const body = parts.join('_')
  const tail = suffix === undefined ? '' : `_${suffix}`
  const whole = body + tail
  if (Buffer.byteLength(whole) <= MAX_BYTES) return whole

  const hash = createHash('sha256').update(whole).digest('hex').slice(0, 8)
  const end = `_${hash}${tail}`
  return cut(body, MAX_BYTES - Buffer.byteLength(end)) + end
}

/** The longest beginning of the text that fits, without breaking a character. */
function cut(text: string, bytes: number): string {
  let result = ''
  let used = 0
  for (const character of text) {
    used += Buffer.byteLength(character)
    if (used > bytes) break
    result += character
  }
  return result
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi
const TIMESTAMP =
  /\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?/g
// Passwords and digests: what bcrypt, scrypt and argon2 write, and 16 bytes and more in hexadecimal.
const HASH = /\$(?:2[aby]|scrypt|argon2\w*)\$[^\s"']+|\b(?:[0-9a-f]{2}){16,}\b/gi

const DATE = /^\d{4}-\d{2}-\d{2}$/

const DATED = /(?:^|_)(?:at|on|date)$|[a-z](?:At|On|Date)$/
const ID = /(?:^|_)ids?$|[a-z]Ids?$|^ids?$/

/** What the placeholders are numbered by: the same value keeps the same one. */
export class Placeholders {
  readonly #known = new Map<string, string>()
  readonly #counts = new Map<string, number>()

  of(kind: string, value: unknown): string {
    const key = `${kind} ${String(value)}`
    let placeholder = this.#known.get(key)
    if (placeholder === undefined) {
      const count = (this.#counts.get(kind) ?? 0) + 1
      this.#counts.set(kind, count)
      placeholder = `<${kind}-${count}>`
      this.#known.set(key, placeholder)
    }
    return placeholder
  }

  text(text: string): string {
    return text
      .replaceAll(UUID, (found) => this.of('uuid', found.toLowerCase()))
      .replaceAll(TIMESTAMP, (found) => this.of('time', found))
      .replaceAll(HASH, (found) => this.of('hash', found))
  }
}

/**
 * Replaces what differs from run to run by placeholders, for snapshots: ids, UUIDs, times and hashes. The same
 * value has the same placeholder everywhere, so that what belongs together still shows.
 *
 * An id is the value of a property named `id`, `…_id` or `…Id` (or the plural), a number or a text of digits. A date
 * without a time is replaced where the property is named `…_at`, `…_on` or `…_date`.
 *
 * @param value - Rows, a row, or anything else; it is not changed.
 * @param placeholders - Of earlier calls, where values keep theirs; in a test file with the plugin those of the test.
 * @returns A copy with placeholders such as `<id-1>`, `<uuid-2>`, `<time-1>`, `<date-1>`, `<hash-1>`.
 * @example
 * ```ts
 * expect(stable(await db.rows('users'))).toMatchInlineSnapshot()
 * ```
 */
export function stable(value: unknown, placeholders: Placeholders = new Placeholders()): unknown {
  return replace(value, '', placeholders)
}

function replace(value: unknown, property: string, placeholders: Placeholders): unknown {
  if (ID.test(property) && isId(value)) return placeholders.of('id', value)
  if (typeof value === 'string') {
    return DATED.test(property) && DATE.test(value)
      ? placeholders.of('date', value)
      : placeholders.text(value)
  }
  if (value instanceof Date) return placeholders.of('time', value.toISOString())
  if (Array.isArray(value)) return value.map((item) => replace(item, property, placeholders))
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      placeholders.text(name),
      replace(item, name, placeholders),
    ]),
  )
}

function isId(value: unknown): boolean {
  return (
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    (typeof value === 'string' && /^\d+$/.test(value))
  )
}

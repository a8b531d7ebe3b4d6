import { BuilderError } from '../errors.ts'
import { unstorableReason } from './text.ts'

/**
 * Writes a constant. The only way a value enters SQL.
 *
 * Strings with a backslash become `E'…'`, so that they mean the same whatever
 * `standard_conforming_strings` says.
 *
 * @throws {BuilderError} `BAD_VALUE` for a number that is not finite, or text PostgreSQL cannot store.
 */
export function literal(value: string | number | boolean | null): string {
  if (value === null) return 'NULL'
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return String(value)
    throw new BuilderError('BAD_VALUE', {
      what: `${value} is not a finite number`,
      fix: `write it as text: '${value}'`,
    })
  }
  const why = unstorableReason(value)
  if (why) {
    throw new BuilderError('BAD_VALUE', {
      what: `${JSON.stringify(value)} holds a character that PostgreSQL cannot store`,
      why,
      fix: 'remove that character, or store the bytes in a bytea column',
    })
  }
  const quoted = value.replaceAll("'", "''")
  return quoted.includes('\\') ? `E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`
}

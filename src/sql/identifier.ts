import { BuilderError } from '../errors.ts'
import type { QualifiedName } from '../operations/definitions.ts'
import { unstorableReason } from './text.ts'

/** PostgreSQL cuts longer names silently (`NAMEDATALEN - 1`), so they never reach it. */
export const MAX_IDENTIFIER_BYTES = 63

/**
 * Quotes one name. The only way a name enters SQL.
 *
 * @throws {BuilderError} `BAD_IDENTIFIER` for what PostgreSQL cannot keep as written: an empty name,
 *   a NUL character, half a surrogate pair, more than 63 bytes.
 */
export function identifier(name: string): string {
  checkIdentifier(name)
  return `"${name.replaceAll('"', '""')}"`
}

/** Quotes a name with its schema, when it has one. */
export function qualifiedName(name: QualifiedName): string {
  const own = identifier(name.name)
  return name.schema === undefined ? own : `${identifier(name.schema)}.${own}`
}

/** Throws what `identifier` would throw, without quoting. */
export function checkIdentifier(name: string): void {
  if (typeof name !== 'string' || name === '') {
    throw new BuilderError('BAD_IDENTIFIER', {
      what: `a name must be a non-empty string, got ${typeof name === 'string' ? '""' : String(name)}`,
      fix: 'pass the name of a table, column, index or constraint',
    })
  }
  const bytes = Buffer.byteLength(name)
  if (bytes > MAX_IDENTIFIER_BYTES) {
    throw new BuilderError('BAD_IDENTIFIER', {
      what: `the name "${name}" is too long`,
      why: `it has ${bytes} bytes, and PostgreSQL keeps ${MAX_IDENTIFIER_BYTES}`,
      fix: `shorten it to at most ${MAX_IDENTIFIER_BYTES} bytes`,
      details: { name, bytes },
    })
  }
  const why = unstorableReason(name)
  if (why) {
    throw new BuilderError('BAD_IDENTIFIER', {
      what: `the name ${JSON.stringify(name)} holds a character that PostgreSQL cannot store`,
      why,
      fix: 'remove that character',
      details: { name },
    })
  }
}

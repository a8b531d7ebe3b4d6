import { BuilderError } from '../errors.ts'
import type { IndexMethod, QualifiedName } from '../operations/definitions.ts'
import type { Raw } from '../operations/raw.ts'
import { unstorableReason } from '../sql/text.ts'
import { parseName } from './names.ts'
import type { NameInput } from './names.ts'
import { isSql } from './sql-fragment.ts'
import type { Sql } from './sql-fragment.ts'

/** An expression, as text or made by `sql`. */
export function expression(input: string | Sql, where: string): string {
  const text = isSql(input) ? input.sql : input
  if (typeof text !== 'string' || text.trim() === '') {
    throw new BuilderError('BAD_DEFINITION', {
      what: `${where}() needs an SQL expression`,
      fix: `write it as text, such as 'price >= 0'`,
    })
  }
  return storable(text)
}

/**
 * A collation's name. Unlike tables, collations often have a dot in their name (`en_US.utf8`), so a
 * string is one name; a quoted one is accepted too.
 */
export function collation(input: NameInput): QualifiedName {
  if (typeof input !== 'string') return parseName(input)
  const quoted = /^"(.*)"$/s.exec(input)
  return parseName({ name: quoted?.[1] === undefined ? input : quoted[1].replaceAll('""', '"') })
}

/** A statement of the user's own, with what undoes it where that is given. */
export function rawStatement(up: string | Sql, down?: string | Sql): Raw {
  const undo = down ?? (isSql(up) ? up.undo : undefined)
  return { kind: 'raw', sql: statement(up), ...(undo !== undefined && { down: statement(undo) }) }
}

function statement(input: string | Sql): string {
  const text = isSql(input) ? input.sql : input
  if (typeof text === 'string') return storable(text)
  throw new BuilderError('BAD_VALUE', {
    what: `raw() needs SQL text, got ${typeof text}`,
    fix: "pass a string: raw('ANALYZE users')",
  })
}

function storable(text: string): string {
  const why = unstorableReason(text)
  if (why === undefined) return text
  throw new BuilderError('BAD_VALUE', {
    what: `${JSON.stringify(text)} holds a character that cannot be sent to PostgreSQL`,
    why,
    fix: 'remove that character',
  })
}

/** Text that is stored, or null for none. */
export function storedText(text: string | null): string | null {
  return text === null ? null : storable(text)
}

const METHODS: readonly IndexMethod[] = ['brin', 'btree', 'gin', 'gist', 'hash', 'spgist']

export function assertMethod(input: string): IndexMethod {
  const method = METHODS.find((known) => known === input)
  if (method) return method
  throw new BuilderError('BAD_DEFINITION', {
    what: `"${input}" is not an index method`,
    fix: `use one of ${METHODS.join(', ')}`,
  })
}

/** One of a few words of SQL, in any case. */
export function assertOneOf<Word extends string>(
  what: string,
  known: readonly Word[],
  input: unknown,
): Word {
  const word = known.find((one) => one === String(input).toUpperCase())
  if (word !== undefined) return word
  throw new BuilderError('BAD_DEFINITION', {
    what: `"${String(input)}" is not a value of ${what}`,
    fix: `use one of ${known.map((one) => `'${one.toLowerCase()}'`).join(', ')}`,
  })
}

import { BuilderError, MigrationFileError } from '../errors.ts'
import { splitStatements } from '../sql/split-statements.ts'
import type { SqlStatement } from '../sql/split-statements.ts'
import { unstorableReason } from '../sql/text.ts'
import { isSql } from './sql-fragment.ts'
import type { Sql } from './sql-fragment.ts'

/** One statement, without the semicolon and the comments after it, so that clauses can follow. */
export function query(input: string | Sql, what: string): string {
  return only(sqlText(input, what, 'a query', "'SELECT id, email FROM users'"), what)
}

/** Code of a routine, passed on exactly as written. */
export function code(input: string | Sql, what: string): string {
  return sqlText(input, what, 'a body', "{ body: 'BEGIN RETURN NEW; END' }")
}

/** The body of a routine in SQL's own form: one statement together with what comes before it. */
export function sqlBody(body: string, what: string): string {
  const before = 'CREATE FUNCTION f() '
  return only(before + body.trim(), what).slice(before.length)
}

function sqlText(input: string | Sql, what: string, part: string, example: string): string {
  const text = isSql(input) ? input.sql : input
  if (typeof text !== 'string' || text.trim() === '') {
    throw new BuilderError('BAD_DEFINITION', {
      what: `${what} needs ${part}`,
      fix: `pass it as text, such as ${example}`,
    })
  }
  const why = unstorableReason(text)
  if (why === undefined) return text
  throw new BuilderError('BAD_VALUE', {
    what: `${part} holds a character that cannot be sent to PostgreSQL`,
    why,
    fix: 'remove that character',
  })
}

function only(text: string, what: string): string {
  const [first, ...more] = split(text, what)
  if (first && more.length === 0) return first.sql
  throw new BuilderError('BAD_DEFINITION', {
    what: `${what} is one SQL statement, not ${first ? more.length + 1 : 'none'}`,
    fix: 'make a call for each, or run the others with builder.raw()',
  })
}

function split(text: string, what: string): SqlStatement[] {
  try {
    return splitStatements(text)
  } catch (error) {
    if (!(error instanceof MigrationFileError)) throw error
    throw new BuilderError('BAD_DEFINITION', {
      what: `the SQL of ${what} cannot be read: ${error.summary}`,
      sql: error.sql,
      why: error.why,
      fix: error.fix,
      cause: error,
    })
  }
}

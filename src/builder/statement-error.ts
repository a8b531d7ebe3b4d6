import type { StatementFailure } from '../database/database.ts'
import { ConfigError, StatementError } from '../errors.ts'
import { describe } from '../operations/describe.ts'
import { compile } from '../sql/compile.ts'
import type { FailureContext } from './failure-context.ts'
import type { RecordedOperation } from './recorded.ts'
import { sourceLine } from './recorded.ts'
import { hasUnknownType } from './resolve-types.ts'
import { fixFor } from './statement-fixes.ts'

/** The house's report of a failed statement: its SQL, SQLSTATE, and the line that recorded it. */
export function statementError(
  failure: StatementFailure,
  recorded: readonly RecordedOperation[],
  context: FailureContext = {},
): StatementError {
  const failed = recorded[failure.index]
  const sql = context.sql ?? (failed && sqlOf(failed))
  const source = sourceLine(failed?.trace)
  // The engine said no before the statement reached PostgreSQL.
  const refused = failure.cause instanceof ConfigError ? failure.cause : undefined
  const { code: sqlState, detail, hint } = refused ? {} : serverFields(failure.cause)
  const number = failure.index + 1
  const { migration } = context
  const part = failed ? `statement ${number}` : 'COMMIT'
  const subject = migration === undefined ? part : `migration "${migration}"`
  return new StatementError('STATEMENT_FAILED', {
    what: `${subject} failed${source === undefined ? '' : ` at ${source}`}`,
    sql: sql === undefined ? 'COMMIT' : withCaret(sql, failure.position),
    why: [
      `${refused?.summary ?? failure.message}${sqlState === undefined ? '' : ` (SQLSTATE ${sqlState})`}`,
      refused?.why ?? detail,
      hint && `hint: ${hint}`,
    ]
      .filter(Boolean)
      .join('\n'),
    fix: refused?.fix ?? fixFor(sqlState, failed?.operation, failure.message),
    note: context.note,
    details: {
      ...(migration !== undefined && { migration }),
      statement: number,
      statements: recorded.length,
      ...(failed && { operation: describe(failed.operation) }),
      ...(source !== undefined && { source }),
      ...(sqlState !== undefined && { sqlState }),
      ...(failure.position !== undefined && { position: failure.position }),
      ...(detail !== undefined && { detail }),
      ...(hint !== undefined && { hint }),
    },
    cause: failure.cause,
  })
}

/** The house's report of a query that was not recorded first. */
export function queryError(
  cause: unknown,
  sql: string,
  source: string | undefined,
  context: FailureContext,
): StatementError {
  const { code: sqlState, detail, hint } = serverFields(cause)
  const { migration } = context
  const message = cause instanceof Error ? cause.message : String(cause)
  return new StatementError('STATEMENT_FAILED', {
    what: `${migration === undefined ? 'a query' : `migration "${migration}"`} failed${source === undefined ? '' : ` at ${source}`}`,
    sql,
    why: [
      `${message}${sqlState === undefined ? '' : ` (SQLSTATE ${sqlState})`}`,
      detail,
      hint && `hint: ${hint}`,
    ]
      .filter(Boolean)
      .join('\n'),
    fix: fixFor(sqlState, undefined, message),
    note: context.note,
    details: {
      ...(migration !== undefined && { migration }),
      ...(source !== undefined && { source }),
      ...(sqlState !== undefined && { sqlState }),
    },
    cause,
  })
}

/** A type that was looked up is not in the recorded operation: its line for people stands in then. */
function sqlOf({ operation }: RecordedOperation): string {
  return hasUnknownType(operation) ? `-- ${describe(operation)}` : compile(operation)
}

function serverFields(cause: unknown): { code?: string; detail?: string; hint?: string } {
  if (typeof cause !== 'object' || cause === null) return {}
  const field = (name: string): Record<string, string> => {
    const value: unknown = Reflect.get(cause, name)
    return typeof value === 'string' && value !== '' ? { [name]: value } : {}
  }
  return { ...field('code'), ...field('detail'), ...field('hint') }
}

/** The SQL with a caret under the place the server named. */
function withCaret(sql: string, position: number | undefined): string {
  if (position === undefined) return sql
  // The server counts characters, JavaScript UTF-16 units.
  const before = Array.from(sql)
    .slice(0, position - 1)
    .join('')
  const lineStart = before.lastIndexOf('\n') + 1
  const lineEnd = sql.indexOf('\n', before.length)
  const end = lineEnd === -1 ? sql.length : lineEnd
  const caret = `${before.slice(lineStart).replaceAll(/[^\t]/g, ' ')}^`
  return `${sql.slice(0, end)}\n${caret}${sql.slice(end)}`
}

import type { Executor } from '../database/database.ts'
import { sqlStateOf } from '../database/engines/driver-error.ts'
import { ConfigError, StatementError } from '../errors.ts'
import type { QualifiedName } from '../operations/definitions.ts'
import { qualifiedName } from '../sql/identifier.ts'
import { literal } from '../sql/literal.ts'
import type { AppliedMigration } from './plan.ts'
import type { SessionFacts } from './session-facts.ts'

/** The history table, unless said otherwise. */
export const HISTORY_TABLE = 'faasjs_pg_migrations'

/** The history table with its schema: the search path may change under way, this does not. */
export type HistoryTable = Required<QualifiedName>

/**
 * Where the history is.
 *
 * @param option - `'table'` or `'schema.table'`; a table without schema is in the session's first one.
 * @throws {ConfigError} `BAD_OPTION` when the session has no schema to keep it in.
 */
export function historyTable(option: string, facts: SessionFacts): HistoryTable {
  const dot = option.indexOf('.')
  if (dot !== -1) return { schema: option.slice(0, dot), name: option.slice(dot + 1) }
  if (facts.schema !== null) return { schema: facts.schema, name: option }
  throw new ConfigError('BAD_OPTION', {
    what: 'there is no schema to keep the migration history in',
    why: `the search path (${facts.searchPath}) names no schema that exists`,
    fix: `name one: new Migrator({ historyTable: 'public.${option}', … }) — or create the schema first`,
  })
}

/** The rows of the history in the order of recording; none when there is no table yet. Writes nothing. */
export async function readHistory(
  executor: Executor,
  table: HistoryTable,
): Promise<AppliedMigration[]> {
  const sql = `SELECT name, migration_time FROM ${qualifiedName(table)} ORDER BY migration_time NULLS FIRST, name COLLATE "C"`
  try {
    const { rows } = await executor.query<AppliedMigration>(sql)
    return rows.map(({ name, migration_time }) => ({ name, migration_time }))
  } catch (error) {
    if (sqlStateOf(error) === '42P01' || sqlStateOf(error) === '3F000') return []
    throw historyFailure('read', table, sql, error)
  }
}

/** Creates the history table as the original does, where it does not exist. */
export async function createHistory(executor: Executor, table: HistoryTable): Promise<void> {
  const found = await executor.query<{ exists: boolean }>(
    `SELECT to_regclass(${literal(qualifiedName(table))}) IS NOT NULL AS exists`,
  )
  if (found.rows[0]?.exists) return
  // A runner without our lock (the original, or one behind a pooler) may create it at the same time.
  const sql = `CREATE TABLE IF NOT EXISTS ${qualifiedName(table)} (name varchar(255) PRIMARY KEY, migration_time timestamptz)`
  try {
    await executor.query(sql)
  } catch (error) {
    if (sqlStateOf(error) === '23505' || sqlStateOf(error) === '42P07') return
    throw historyFailure('create', table, sql, error)
  }
}

/** Records a migration, later than every other whatever the clock says. */
export function insertHistory(table: HistoryTable, name: string): string {
  const target = qualifiedName(table)
  return `INSERT INTO ${target} (name, migration_time) SELECT ${literal(name)}, greatest(clock_timestamp(), max(migration_time) + interval '1 microsecond') FROM ${target}`
}

/** Removes a migration from the history; the command tag says whether it was there. */
export function deleteHistory(table: HistoryTable, name: string): string {
  return `DELETE FROM ${qualifiedName(table)} WHERE name = ${literal(name)}`
}

const GRANTS = { read: 'SELECT', create: 'CREATE' } as const

function historyFailure(
  verb: keyof typeof GRANTS,
  table: HistoryTable,
  sql: string,
  error: unknown,
): Error {
  const sqlState = sqlStateOf(error)
  // Not the server's answer: the connection is gone, and the driver's own error says it best.
  if (!(error instanceof Error) || sqlState === undefined) return error as Error
  const target = qualifiedName(table)
  return new StatementError('STATEMENT_FAILED', {
    what: `the migration history ${target} cannot be ${verb === 'read' ? 'read' : 'created'}`,
    sql,
    why: `${error.message} (SQLSTATE ${sqlState})`,
    fix:
      sqlState === '42501'
        ? `GRANT ${GRANTS[verb]} ON ${verb === 'read' ? target : `SCHEMA ${qualifiedName({ name: table.schema })}`} TO <this role>`
        : sqlState === '3F000'
          ? `CREATE SCHEMA ${qualifiedName({ name: table.schema })}`
          : 'correct or rename what stands in its place; it must have the columns name and migration_time',
    details: { sqlState },
    cause: error,
  })
}

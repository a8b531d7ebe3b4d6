import type { Executor } from '../../database/database.ts'
import { literal } from '../../sql/literal.ts'

interface Row {
  readonly pid: number
  readonly role: string | null
  readonly application: string
  readonly state: string | null
  readonly waits: string | null
  readonly query: string
}

const HEAD = ['session', 'role', 'application', 'state', 'waits for', 'last query']
const LONGEST_QUERY = 60

/** A table of the sessions of a database, for people. Empty words where the server does not answer. */
export async function describeSessions(executor: Executor, database: string): Promise<string> {
  const sql = `
    SELECT pid, usename AS role, application_name AS application, state,
      nullif(concat_ws(' ', wait_event_type, nullif(array_to_string(pg_blocking_pids(pid), ', '), '')), '') AS waits,
      regexp_replace(query, '\\s+', ' ', 'g') AS query
    FROM pg_stat_activity WHERE datname = ${literal(database)} AND pid <> pg_backend_pid() ORDER BY pid`
  const rows = await executor.query<Row>(sql).then(
    (result) => result.rows,
    () => undefined,
  )
  if (rows === undefined)
    return 'which sessions are there cannot be told: the server does not answer'
  if (rows.length === 0) return `nobody is connected to ${database}`
  const lines = rows.map(({ pid, role, application, state, waits, query }) => [
    String(pid),
    role ?? '',
    application,
    state ?? '',
    waits ?? '',
    query.slice(0, LONGEST_QUERY),
  ])
  return [`sessions of ${database}:`, ...table([HEAD, ...lines])].join('\n')
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

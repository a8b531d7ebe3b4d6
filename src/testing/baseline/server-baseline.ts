import type { Executor } from '../../database/database.ts'
import { BASELINE_SCHEMA } from './baseline-schema.ts'
import { captureSql } from './capture-sql.ts'
import { SIZES } from './detector.ts'

/** A transaction of another session that was ended. */
export interface EndedTransaction {
  readonly pid: number
  readonly application: string
  readonly query: string
}

export interface ServerReset {
  /** Tables, sequences and materialized views that were put back. */
  readonly relations: number
  /** Sessions that were in a transaction: their rows would come after the reset. */
  readonly ended: readonly EndedTransaction[]
  /** To be given to the next reset: when the server has written nothing since, it does nothing. */
  readonly mark: string
}

// A name like the baseline's own is PostgreSQL's to give, unless a superuser asks. Until this list ends.
const CAPTURE = `SELECT set_config('allow_system_table_mods', 'on', true);
${captureSql({ detector: SIZES, before: '', after: '' })}`

const ARM = `UPDATE ${BASELINE_SCHEMA}.relations o SET ${SIZES.note}`

const END_TRANSACTIONS = `
SELECT pid, application_name AS application, query, pg_terminate_backend(pid)
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
  AND backend_type = 'client backend' AND xact_start IS NOT NULL`

const STILL_THERE = `SELECT FROM pg_stat_activity WHERE pid = ANY ($1)`

// Of the whole server: somebody else's work costs a look at the tables, no more.
const MARK = `SELECT pg_current_wal_insert_lsn() || ' ' || pg_snapshot_xmax(pg_current_snapshot()) AS mark`

/**
 * Records the present state of a database on a real server as its baseline. As superuser; nobody else may
 * be writing.
 */
export async function captureServerBaseline(executor: Executor): Promise<void> {
  await executor.query(CAPTURE)
  await executor.query(ARM)
}

/**
 * Puts the rows, sequences and materialized views of a database back to its baseline. Transactions of other
 * sessions are ended first, with their sessions.
 *
 * @param mark - What the last reset returned.
 * @throws the driver's error when the schema has changed so that rows cannot be restored.
 */
export async function restoreServerBaseline(
  executor: Executor,
  mark?: string,
): Promise<ServerReset> {
  const ended = await endTransactions(executor)
  if (mark !== undefined && ended.length === 0 && mark === (await readMark(executor))) {
    return { relations: 0, ended, mark }
  }
  const { rows } = await executor.query<{ restore: string | null }>(
    `SELECT ${BASELINE_SCHEMA}.restore(false)`,
  )
  const [relations = '0', ...bloated] = rows[0]?.restore?.split(' ') ?? []
  if (bloated.length > 0) await executor.query(`VACUUM ${bloated.join(' ')}`)
  return { relations: Number(relations), ended, mark: await readMark(executor) }
}

async function endTransactions(executor: Executor): Promise<EndedTransaction[]> {
  const { rows } = await executor.query<EndedTransaction>(END_TRANSACTIONS)
  const pids = rows.map(({ pid }) => pid)
  // They hold locks and may still commit until they are gone.
  while (pids.length > 0 && (await executor.query(STILL_THERE, [pids])).rowCount > 0);
  return rows.map(({ pid, application, query }) => ({ pid, application, query }))
}

async function readMark(executor: Executor): Promise<string> {
  const { rows } = await executor.query<{ mark: string }>(MARK)
  return rows[0]?.mark ?? ''
}

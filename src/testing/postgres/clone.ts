import { setTimeout as sleep } from 'node:timers/promises'

import { sqlStateOf } from '../../database/engines/driver-error.ts'
import { TestDatabaseError } from '../../errors.ts'
import { stayReplica } from '../baseline/replica-session.ts'
import { ServerBaseline } from '../baseline/server-baseline.ts'
import type { Transport } from '../server/address.ts'
import { Connection } from './connection.ts'
import type { ServedBaseline } from './server-store.ts'
import { Traffic } from './traffic.ts'

/** Milliseconds that a server may take to end and to remove its files, after its last client was cut off. */
const LONGEST_END = 2000

// Sessions in a transaction.
const OPEN = `
SELECT pid, query FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
  AND backend_type = 'client backend' AND xact_start IS NOT NULL`

/** The database of a slot on a server. */
export interface Clone {
  readonly baseline: ServedBaseline
  readonly name: string
  readonly url: string
  readonly connection: Connection
  rows: ServerBaseline
  traffic: Traffic
  /** What had been run when it was made; undefined when it has been in use. */
  freshAt: number | undefined
  /** Its server has ended by itself: what is known of the reason. */
  outage: string | undefined
}

/** @param transport - How clients are to reach it, where the server has both. */
export async function makeClone(
  baseline: ServedBaseline,
  slot: string,
  transport: Transport = 'tcp',
): Promise<Clone> {
  const { run, template, socketUrl } = baseline
  const name = run.nameOf(slot)
  await run.databases.clone(template.name, name)
  const url = transport === 'socket' && socketUrl ? socketUrl(name) : baseline.url(name)
  const connection = new Connection({ url, onConnect: stayReplica })
  const clone: Clone = {
    baseline,
    name,
    url,
    connection,
    rows: new ServerBaseline(connection),
    traffic: new Traffic(connection, run.facts.major),
    freshAt: undefined,
    outage: undefined,
  }
  await begin(clone)
  return clone
}

/**
 * A database that was just made.
 *
 * @param captures - What it holds is a baseline of its own, as the snapshot of a file is.
 */
export async function begin(clone: Clone, captures = false): Promise<void> {
  clone.rows = new ServerBaseline(clone.connection)
  clone.traffic = new Traffic(clone.connection, clone.baseline.run.facts.major)
  if (captures) await clone.rows.capture()
  // Its functions are compiled by their first run, which is not a test's; nor are the roles that the server
  // has got since the template was made.
  await clone.rows.reset()
  clone.freshAt = await countFresh(clone)
}

/** What has been run on a new clone; undefined where a server does not say who has come and gone. */
async function countFresh({ baseline, traffic }: Clone): Promise<number | undefined> {
  return baseline.run.facts.major < 14 ? undefined : await traffic.count()
}

/** Nobody has connected to it since it was made. */
export async function isFresh({ freshAt, traffic }: Clone): Promise<boolean> {
  return freshAt !== undefined && freshAt === (await traffic.count())
}

/**
 * Ends all sessions, unless one of them is in the middle of something.
 *
 * @throws {TestDatabaseError} `TEST_TRANSACTION_OPEN`.
 */
export async function leave(clone: Clone): Promise<void> {
  const { rows } = await clone.connection.query<{ pid: number; query: string }>(OPEN)
  const [open] = rows
  if (open) {
    throw new TestDatabaseError('TEST_TRANSACTION_OPEN', {
      what: `a snapshot can be neither taken nor restored while session ${open.pid} is in a transaction`,
      why: `its last query was: ${open.query}`,
      fix: 'end the transaction before',
    })
  }
  await endSessions(clone)
  await clone.connection.close()
}

// A superuser may look at what the tests of another role do.
const MAY_BE_ENDED = `EXISTS (
  SELECT FROM pg_roles own, pg_roles their WHERE own.rolname = current_user AND their.oid = usesysid AND (
    own.rolsuper OR NOT their.rolsuper
      AND (pg_has_role(their.oid, 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE'))))`

/** Of the worker that had the slot before, too: it may live on for a while. */
export async function endSessions({ connection }: Pick<Clone, 'connection'>): Promise<void> {
  await connection.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
       AND ${MAY_BE_ENDED}`,
  )
}

/** The session is gone, or none is given: not an error of the statement. */
export function isCutOff(error: unknown): boolean {
  if (error instanceof TestDatabaseError) return error.cause !== undefined && isCutOff(error.cause)
  const state = sqlStateOf(error)
  return state === undefined || /^(?:08|57P)/.test(state)
}

/** Whether the server has ended, of which our process may hear later than a client. */
export async function isLost(
  { baseline, outage }: Clone,
  patience: number = LONGEST_END,
): Promise<boolean> {
  if (outage !== undefined) return true
  const gone = baseline.ended?.then(() => true) ?? false
  return await Promise.race([gone, sleep(patience, false, { ref: false })])
}

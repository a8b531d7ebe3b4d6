import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Executor } from '../database/database.ts'
import { LockError } from '../errors.ts'
import { literal } from '../sql/literal.ts'
import type { HistoryTable } from './history.ts'
import { describeHolder } from './lock-holder.ts'
import type { LockHolder } from './lock-holder.ts'

export interface LockOptions {
  /** How long to try, in milliseconds; 0 tries once. */
  readonly wait: number
  readonly signal?: AbortSignal | undefined
  /** Called when the lock is taken, once for every holder. */
  readonly onWaiting?: ((holder: LockHolder | undefined) => void) | undefined
}

const FIRST_PAUSE = 100
const LONGEST_PAUSE = 1000

/**
 * The key of the lock: one for each history, so that tenants of one database migrate side by side.
 *
 * @returns A signed 64-bit integer as text, for `pg_advisory_lock(bigint)`.
 */
export function lockKey(database: string, table: HistoryTable): string {
  return createHash('sha256')
    .update(JSON.stringify(['faasjs-pg', database, table.schema, table.name]))
    .digest()
    .readBigInt64BE(0)
    .toString()
}

/**
 * Takes the lock on this session.
 *
 * It is polled: a statement that waits for a lock holds a snapshot, and `CREATE INDEX CONCURRENTLY`
 * in the session that has the lock would wait for that snapshot, for ever.
 *
 * @returns The process id of the backend that holds it now.
 * @throws {LockError} `LOCK_HELD` when somebody else still has it after `wait` milliseconds.
 * @throws the signal's reason when it is aborted meanwhile.
 */
export async function acquireLock(
  session: Executor,
  key: string,
  options: LockOptions,
): Promise<number> {
  const start = performance.now()
  let pause = FIRST_PAUSE
  let told: number | undefined
  for (let tries = 0; ; tries++) {
    const pid = await tryLock(session, key)
    if (pid !== undefined) return pid
    options.signal?.throwIfAborted()
    const holder = await findHolder(session, key)
    if (tries === 0 || (holder && holder.pid !== told)) {
      told = holder?.pid
      options.onWaiting?.(holder)
    }
    const left = options.wait - (performance.now() - start)
    if (left <= 0) throw lockHeld(holder, options.wait)
    await sleep(Math.min(pause, left), undefined, { signal: options.signal })
    pause = Math.min(pause * 2, LONGEST_PAUSE)
  }
}

async function tryLock(session: Executor, key: string): Promise<number | undefined> {
  const { rows } = await session.query<{ locked: boolean; pid: number }>(
    `SELECT pg_try_advisory_lock(${key}) AS locked, pg_backend_pid() AS pid`,
  )
  return rows[0]?.locked ? rows[0].pid : undefined
}

async function findHolder(session: Executor, key: string): Promise<LockHolder | undefined> {
  const { rows } = await session.query<{ pid: number; name: string; since: Date | null }>(
    `SELECT pid, coalesce(application_name, '') AS name, backend_start AS since
       FROM pg_locks LEFT JOIN pg_stat_activity USING (pid) WHERE ${isLockRow(key)}`,
  )
  const row = rows[0]
  return row && { pid: row.pid, applicationName: row.name, since: row.since ?? undefined }
}

/** What is true of the row of `pg_locks` that stands for the lock. */
function isLockRow(key: string): string {
  const bits = BigInt.asUintN(64, BigInt(key))
  return [
    `locktype = 'advisory'`,
    'granted',
    `pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    `classid = ${bits >> 32n}`,
    `objid = ${bits & 0xffffffffn}`,
    'objsubid = 1',
  ].join(' AND ')
}

/** The SQLSTATE with which `assertLock` stops a transaction. */
export const LOCK_LOST_STATE = 'FJ001'

/**
 * A statement that fails unless it runs on the backend that holds the lock. Behind a pooler that hands
 * out backends by transaction, nothing else can tell.
 */
export function assertLock(key: string, pid: number): string {
  const body = `BEGIN
  IF pg_backend_pid() <> ${pid} OR NOT EXISTS (SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND ${isLockRow(key)}) THEN
    RAISE EXCEPTION 'backend % does not hold the migration lock', pg_backend_pid() USING ERRCODE = '${LOCK_LOST_STATE}';
  END IF;
END`
  return `DO ${literal(body)}`
}

const RELEASE_TRIES = 40
const RELEASE_PAUSE = 50

/**
 * Gives the lock back. Behind a pooler the backend that has it must come by first.
 *
 * @returns false when it did not, so that the lock stays until that backend ends.
 */
export async function releaseLock(session: Executor, key: string, pid: number): Promise<boolean> {
  for (let tries = 0; tries < RELEASE_TRIES; tries++) {
    if (tries > 0) await sleep(RELEASE_PAUSE)
    const { rows } = await session.query<{ released: boolean | null }>(
      `SELECT CASE WHEN pg_backend_pid() = ${pid} THEN pg_advisory_unlock(${key}) END AS released`,
    )
    // False is final: whoever holds it now, this backend does not.
    if (rows[0]?.released !== null) return true
  }
  return false
}

/** The report of a lock that could not be given back. */
export function lockLeft(pid: number): LockError {
  return new LockError('LOCK_LOST', {
    what: 'the migration lock could not be given back: transaction pooling detected',
    why: `backend ${pid} holds it, and the pooler did not give us that backend again`,
    fix: `SELECT pg_terminate_backend(${pid}) — and use the direct URL of the server for migrations`,
    note: 'the migrations themselves are complete',
    details: { pid },
  })
}

function lockHeld(holder: LockHolder | undefined, wait: number): LockError {
  return new LockError('LOCK_HELD', {
    what: 'another migration run holds the lock of this database',
    why: `${describeHolder(holder)}; waited ${Math.round(wait / 1000)} s`,
    fix: holder
      ? `run it again when the other has ended, or end the other: SELECT pg_terminate_backend(${holder.pid})`
      : 'run it again when the other has ended',
    details: { holder: holder ?? null, waitedMs: wait },
  })
}

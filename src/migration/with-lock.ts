import type { Session } from '../database/database.ts'
import { assertNoTransaction } from '../database/transaction.ts'
import { historyTable } from './history.ts'
import type { HistoryTable } from './history.ts'
import { acquireLock, assertLock, lockKey, lockLeft, releaseLock } from './lock.ts'
import type { LockOptions } from './lock.ts'
import { readSession } from './session-facts.ts'

/** A session that holds the migration lock. */
export interface LockedSession {
  readonly session: Session
  readonly table: HistoryTable
  /** Brings the session's settings back to what they were. */
  readonly reset: readonly string[]
  /** Fails when this is not the backend that holds the lock; left out on a direct connection. */
  readonly assertLock: string | undefined
}

/**
 * Does work while this session holds the lock of its history, and leaves the session as it was.
 *
 * @param option - The history table, `'table'` or `'schema.table'`.
 * @throws {StatementError} `TRANSACTION_OPEN` when the session is in a transaction.
 * @throws {LockError} when the lock is not obtained, or cannot be given back.
 */
export async function withLock<T>(
  session: Session,
  option: string,
  options: LockOptions,
  work: (locked: LockedSession) => Promise<T>,
): Promise<T> {
  // Our COMMIT would be that of a transaction which is somebody else's.
  assertNoTransaction(session.transactionStatus())
  const facts = await readSession(session)
  const table = historyTable(option, facts)
  const key = lockKey(facts.database, table)
  const pid = await acquireLock(session, key, options)
  // A direct connection announces the process that serves it; a pooler announces another one.
  const isPooled = session.announcedPid !== undefined && session.announcedPid !== pid
  const leave = async (): Promise<boolean> => {
    await session.run(['BEGIN', ...facts.reset, 'COMMIT'])
    return releaseLock(session, key, pid)
  }
  let result: T
  try {
    result = await work({
      session,
      table,
      reset: facts.reset,
      assertLock: isPooled ? assertLock(key, pid) : undefined,
    })
  } catch (error) {
    // Fails only where there is no connection any more, and with it neither lock nor setting.
    await leave().catch(() => undefined)
    throw error
  }
  if (!(await leave())) throw lockLeft(pid)
  return result
}

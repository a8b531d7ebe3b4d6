import { HistoryError, LockError, StatementError } from '../errors.ts'

/** What the exit codes of the command mean. */
export const EXIT = {
  fine: 0,
  error: 1,
  /** `status --exit-code`: migrations are pending. */
  pending: 2,
  /** History and files disagree. */
  history: 3,
  /** The migration lock was not obtained. */
  lock: 5,
  interrupted: 130,
} as const

export function exitCodeOf(error: unknown): number {
  if (error instanceof HistoryError) return EXIT.history
  if (error instanceof LockError) return EXIT.lock
  if (error instanceof StatementError && error.code === 'FAASJS_PG_INTERRUPTED') {
    return EXIT.interrupted
  }
  return EXIT.error
}

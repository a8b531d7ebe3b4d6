import { TestDatabaseError } from '../../errors.ts'
import type { Stray } from '../server/stray.ts'

export function openTransaction({ connection, query }: Stray): TestDatabaseError {
  return new TestDatabaseError('TEST_TRANSACTION_OPEN', {
    what: `snapshots can be neither taken nor restored, nor a test's work committed, while ${connection} is in a transaction`,
    why: `its last query was: ${query}`,
    fix: 'end the transaction with COMMIT or ROLLBACK before',
  })
}

/** What an error says in one line, without its code. */
export function summary(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const known = error as { summary?: unknown }
  return typeof known.summary === 'string' ? known.summary : error.message
}

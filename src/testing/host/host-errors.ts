import { TestDatabaseError } from '../../errors.ts'
import { Refusal } from '../server/connection.ts'
import type { Stray } from '../server/stray.ts'

/** The one database that there is. */
export const DATABASE = 'postgres'

export function noSuchDatabase(name: string | undefined): Refusal {
  return new Refusal({
    severity: 'FATAL',
    code: '3D000',
    message: `database "${name}" does not exist`,
    detail: `A test database serves the database "${DATABASE}" only.`,
    hint: 'Connect to process.env.DATABASE_URL as it is.',
  })
}

/** It could not be started. */
export function noDatabase(error: unknown): Refusal {
  return new Refusal({
    severity: 'FATAL',
    code: '57P03',
    message: `the test database could not be built: ${summary(error)}`,
  })
}

export function resetFailed(reason: string, cause: unknown): TestDatabaseError {
  return new TestDatabaseError('RESET_FAILED', {
    what: 'the test database could not be reset',
    why: `${reason}; then a new one failed: ${summary(cause)}`,
    fix: 'run the tests again; if it stays, report it with the statements of the last test',
    cause,
  })
}

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

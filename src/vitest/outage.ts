import { TestDatabaseError } from '../errors.ts'
import type { Outage } from '../testing/host/protocol.ts'
import type { DatabaseLease } from './database-lease.ts'

/** What clients say when their connection is gone, or they get none. */
const CUT_OFF = /terminat|ECONNRE|closed|ended|shutting down|starting up/i
/** Milliseconds: after a session that crashes the server ends its others first. */
const PATIENCE = 100

interface FailedTest {
  readonly name: string
  readonly result?:
    | { readonly errors?: readonly { readonly message: string }[] | undefined }
    | undefined
}

/** One line for people. */
export function describeOutage({ test, reason }: Outage): string {
  const when = test === undefined ? 'before the first test' : `while "${test}" ran`
  const last = reason === '' ? 'It said nothing' : `It said: ${reason.replaceAll('\n', ' ')}`
  return `the private PostgreSQL ended ${when}; the next test gets another one. ${last}`
}

/**
 * What a failed test ran into says only that a connection is gone.
 *
 * @throws {TestDatabaseError} `SERVER_ENDED` when that is why.
 */
export async function explainOutage(
  { name, result }: FailedTest,
  lease: DatabaseLease,
): Promise<void> {
  const isCutOff = result?.errors?.some(({ message }) => CUT_OFF.test(message)) ?? false
  const reason = await lease.outage(isCutOff ? PATIENCE : 0)
  if (reason === undefined) return
  throw new TestDatabaseError('SERVER_ENDED', {
    what: `the private PostgreSQL ended while the test "${name}" ran`,
    why:
      reason === '' ? 'it was ended from outside, and printed nothing' : `its log says: ${reason}`,
    fix: 'look for what ends processes on this machine, or for the statement that brings the server down',
    note: 'the next test gets another server',
  })
}

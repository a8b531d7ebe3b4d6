import { BuilderError } from '../errors.ts'
import { describe } from '../operations/describe.ts'
import { needsNoTransaction } from '../operations/needs-no-transaction.ts'
import type { RecordedOperation } from './recorded.ts'
import { sourceLine } from './recorded.ts'
import { OUTSIDE_FIX } from './statement-fixes.ts'

/**
 * Refuses changes that PostgreSQL cannot make in a transaction.
 *
 * @throws {BuilderError} `NEEDS_NO_TRANSACTION` naming the first of them and its line.
 */
export function assertFitsTransaction(
  recorded: readonly RecordedOperation[],
  migration?: string,
): void {
  const found = recorded.find(({ operation }) => needsNoTransaction(operation))
  if (!found) return
  const source = sourceLine(found.trace)
  const operation = describe(found.operation)
  throw new BuilderError('NEEDS_NO_TRANSACTION', {
    what: `"${operation}" cannot run in a transaction${source === undefined ? '' : ` (${source})`}`,
    why: `${migration === undefined ? 'run() sends all changes' : `migration "${migration}" runs`} in one transaction, and PostgreSQL refuses this one there`,
    fix: OUTSIDE_FIX,
    note: migration === undefined ? 'nothing was sent' : 'nothing of it was applied',
    details: {
      operation,
      ...(migration !== undefined && { migration }),
      ...(source !== undefined && { source }),
    },
  })
}

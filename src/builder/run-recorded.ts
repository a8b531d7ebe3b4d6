import { StatementFailure } from '../database/database.ts'
import type { Executor, Session } from '../database/database.ts'
import { FaasPgError } from '../errors.ts'
import { compile } from '../sql/compile.ts'
import type { FailureContext } from './failure-context.ts'
import type { RecordedOperation } from './recorded.ts'
import { hasUnknownType, resolveTypes } from './resolve-types.ts'
import { statementError } from './statement-error.ts'

/**
 * Runs recorded operations in order, in as few round trips as it takes: one, unless the type of a
 * column has to be looked up on the way.
 *
 * @param context - For the report of a type that cannot be looked up.
 * @throws {StatementFailure} with the index of the operation that failed.
 * @throws {BuilderError} `UNKNOWN_TYPE`.
 */
export async function runRecorded(
  executor: Executor,
  recorded: readonly RecordedOperation[],
  context: FailureContext,
): Promise<void> {
  let begin = 0
  while (begin < recorded.length) {
    const next = recorded.findIndex(
      ({ operation }, index) => index > begin && hasUnknownType(operation),
    )
    const end = next === -1 ? recorded.length : next
    await runPart(executor, recorded.slice(begin, end), begin, context)
    begin = end
  }
}

/** Only the first operation of a part may have a type to look up. */
async function runPart(
  executor: Executor,
  part: readonly RecordedOperation[],
  offset: number,
  context: FailureContext,
): Promise<void> {
  const operations = part.map(({ operation }) => operation)
  const [first] = part
  if (first && hasUnknownType(first.operation)) {
    operations[0] = await resolveTypes(executor, first, context)
  }
  try {
    await executor.run(operations.map(compile))
  } catch (error) {
    if (!(error instanceof StatementFailure)) throw error
    throw error.at(error.index + offset)
  }
}

/** Runs them in one transaction; what fails is reported as the house does. */
export async function runInTransaction(
  session: Session,
  recorded: readonly RecordedOperation[],
): Promise<void> {
  const context = { note: 'nothing was changed: the run was one transaction' }
  try {
    await session.transaction((transaction) => runRecorded(transaction, recorded, context))
  } catch (error) {
    if (error instanceof FaasPgError) throw error
    // What fails outside the list is COMMIT: a deferred constraint, a lost connection.
    const failure =
      error instanceof StatementFailure
        ? error
        : new StatementFailure(recorded.length, undefined, error)
    throw statementError(failure, recorded, context)
  }
}

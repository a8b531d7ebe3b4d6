import { StatementFailure } from '../database/database.ts'
import type { Executor, Session } from '../database/database.ts'
import { FaasPgError } from '../errors.ts'
import { compile } from '../sql/compile.ts'
import type { RecordedOperation } from './recorded.ts'
import { hasUnknownType, resolveTypes } from './resolve-types.ts'
import { statementError } from './statement-error.ts'

/**
 * Runs recorded operations in order, in as few round trips as it takes: one, unless the type of a
 * column has to be looked up on the way.
 *
 * @throws {StatementFailure} with the index of the operation that failed.
 */
export async function runRecorded(
  executor: Executor,
  recorded: readonly RecordedOperation[],
): Promise<void> {
  let begin = 0
  while (begin < recorded.length) {
    const next = recorded.findIndex(
      ({ operation }, index) => index > begin && hasUnknownType(operation),
    )
    const end = next === -1 ? recorded.length : next
    await runPart(executor, recorded.slice(begin, end), begin)
    begin = end
  }
}

/** Only the first operation of a part may have a type to look up. */
async function runPart(
  executor: Executor,
  part: readonly RecordedOperation[],
  offset: number,
): Promise<void> {
  const operations = part.map(({ operation }) => operation)
  const [first] = operations
  if (first && hasUnknownType(first)) operations[0] = await resolveTypes(executor, first)
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
  try {
    await session.transaction((transaction) => runRecorded(transaction, recorded))
  } catch (error) {
    if (error instanceof FaasPgError) throw error
    // What fails outside the list is COMMIT: a deferred constraint, a lost connection.
    const failure =
      error instanceof StatementFailure
        ? error
        : new StatementFailure(recorded.length, undefined, error)
    throw statementError(failure, recorded, {
      note: 'nothing was changed: the run was one transaction',
    })
  }
}

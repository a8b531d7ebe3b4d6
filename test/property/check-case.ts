import type { Database, Executor } from '../../src/database/database.ts'
import { StatementFailure } from '../../src/database/database.ts'
import type { Operation } from '../../src/operations/operation.ts'
import { compile } from '../../src/sql/compile.ts'
import { catalog } from '../helpers/catalog.ts'
import type { Catalog } from '../helpers/catalog.ts'
import { emptyDatabase } from '../helpers/check-sql.ts'
import type { RecordedCase } from './random-case.ts'

/** What a case did that it must not do. */
export class CaseFailure extends Error {}

class RollBack extends Error {}

/**
 * What the operations do, their inverse undoes, and they do again.
 *
 * @throws {CaseFailure} saying which of them fails, or how the catalogs differ.
 */
export async function checkCase(database: Database, recorded: RecordedCase): Promise<void> {
  if (recorded.transactions !== 'one') {
    const isNone = recorded.transactions === 'none'
    try {
      await check(recorded, (work) => (isNone ? work(database) : database.transaction(work)))
    } finally {
      await emptyDatabase(database)
    }
    return
  }
  // Much faster than to empty the database, and as good: PostgreSQL's DDL is transactional.
  const rollBack = new RollBack()
  try {
    await database.transaction(async (transaction) => {
      await check(recorded, (work) => work(transaction))
      throw rollBack
    })
  } catch (error) {
    if (error !== rollBack) throw error
  }
}

type Run = <T>(work: (executor: Executor) => Promise<T>) => Promise<T>

async function check({ older, operations, inverse }: RecordedCase, run: Run): Promise<void> {
  const before = await run(async (executor) => {
    await apply(executor, 'older', older)
    return catalog(executor)
  })
  const between = await run(async (executor) => {
    await apply(executor, 'operations', operations)
    return catalog(executor)
  })
  await run(async (executor) => {
    await apply(executor, 'inverse', inverse)
    assertEqual('undone, the catalog is not what it was', before, await catalog(executor))
  })
  await run(async (executor) => {
    await apply(executor, 'operations', operations, ', the second time,')
    assertEqual('done again, the catalog is another', between, await catalog(executor))
  })
}

async function apply(
  executor: Executor,
  list: 'inverse' | 'older' | 'operations',
  operations: readonly Operation[],
  when = '',
): Promise<void> {
  try {
    await executor.run(operations.map(compile))
  } catch (error) {
    if (!(error instanceof StatementFailure)) throw error
    throw new CaseFailure(`number ${error.index + 1} of "${list}"${when} fails: ${error.message}`)
  }
}

function assertEqual(what: string, expected: Catalog, received: Catalog): void {
  const differences = catalogDifferences(expected, received)
  if (differences.length > 0) throw new CaseFailure([what, ...differences].join('\n  '))
}

/** Lines that only one of the two has: `-` as it must be, `+` as it is. */
export function catalogDifferences(expected: Catalog, received: Catalog): string[] {
  const sections = [...new Set([...Object.keys(expected), ...Object.keys(received)])].toSorted()
  return sections.flatMap((section) => {
    const missing = without(expected[section], received[section])
    const extra = without(received[section], expected[section])
    return [
      ...missing.map((line) => `- ${section} ${line}`),
      ...extra.map((line) => `+ ${section} ${line}`),
    ]
  })
}

/** A line may be there twice. */
function without(lines: readonly string[] = [], others: readonly string[] = []): string[] {
  const left = [...others]
  return lines.filter((line) => {
    const index = left.indexOf(line)
    if (index !== -1) left.splice(index, 1)
    return index === -1
  })
}

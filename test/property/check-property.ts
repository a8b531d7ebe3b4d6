import fc from 'fast-check'

import type { Database } from '../../src/database/database.ts'
import { describe } from '../../src/operations/describe.ts'
import type { Operation } from '../../src/operations/operation.ts'
import { compile } from '../../src/sql/compile.ts'
import { CaseFailure, checkCase } from './check-case.ts'
import { randomCase, recordCase } from './random-case.ts'
import type { RecordedCase, Transactions } from './random-case.ts'
import type { Change } from './world.ts'

/** Another one in every run; the report of a failure says which it was. */
const SEED = Number(process.env['PROPERTY_SEED'] ?? Math.floor(Math.random() * 0x7fff_ffff))
const PATH = process.env['PROPERTY_PATH']

export interface Property {
  readonly changes: readonly Change[]
  readonly transactions: readonly Transactions[]
  readonly numRuns: number
  /** What runs it, after `npx vitest run --project main`. */
  readonly replay: string
}

/**
 * Checks random cases on a database. The first that fails is made as small as it gets, and shown as a
 * user would read it.
 *
 * @throws {Error} with the operations, what is wrong, and the command that replays it.
 */
export async function checkProperty(
  database: Database,
  { changes, transactions, numRuns, replay }: Property,
): Promise<void> {
  const details = await fc.check(
    fc.asyncProperty(randomCase(changes, transactions), (random) =>
      checkCase(database, recordCase(changes, random)),
    ),
    { numRuns, seed: SEED, ...(PATH !== undefined && { path: PATH }) },
  )
  if (!details.failed) return
  const [random] = details.counterexample ?? []
  const error = details.errorInstance
  const again = `PROPERTY_SEED=${details.seed} PROPERTY_PATH=${details.counterexamplePath ?? ''} npx vitest run --project main ${replay}`
  const message = [
    `case ${details.numRuns} of ${numRuns} fails (made smaller ${details.numShrinks} times)`,
    error instanceof Error ? error.message : String(error),
    ...(random === undefined ? [] : tryToSay(() => sayCase(recordCase(changes, random)))),
    `to see it again:\n  ${again}`,
  ].join('\n\n')
  throw new Error(message, error instanceof CaseFailure ? {} : { cause: error })
}

/** A case that cannot even be recorded still gets its seed printed. */
function tryToSay(say: () => readonly string[]): readonly string[] {
  try {
    return say()
  } catch {
    return []
  }
}

function sayCase({ older, operations, inverse, transactions }: RecordedCase): string[] {
  return [
    sayList('older (there already, and not remembered)', older),
    sayList('operations', operations),
    sayList('inverse', inverse),
    {
      each: 'each of them in a transaction of its own',
      none: 'each statement on its own',
      one: 'all of them in one transaction',
    }[transactions],
  ]
}

function sayList(title: string, operations: readonly Operation[]): string {
  if (operations.length === 0) return `${title}: none`
  const lines = operations.map(
    (operation, index) =>
      `  ${index + 1}  ${describe(operation)}\n     ${compile(operation).replaceAll('\n', '\n     ')}`,
  )
  return [`${title}:`, ...lines].join('\n')
}

import fc from 'fast-check'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { IrreversibleError } from '../../src/errors.ts'
import { invertAll } from '../../src/operations/invert.ts'
import { SchemaMemory } from '../../src/operations/memory/schema-memory.ts'
import type { Operation } from '../../src/operations/operation.ts'
import { copyWorld, emptyWorld } from './world.ts'
import type { Change, World } from './world.ts'

/** Which change, and two numbers that choose within it. */
type Step = readonly [change: number, pick: number, other: number]

/**
 * All in one transaction that is taken back; each direction in one that is committed, as migrations are;
 * or each statement on its own.
 */
export type Transactions = 'each' | 'none' | 'one'

/** Numbers, so that fast-check can make a case smaller. */
export interface RandomCase {
  readonly older: readonly Step[]
  readonly steps: readonly Step[]
  readonly transactions: Transactions
}

export interface RecordedCase {
  /** What is there already: older migrations, of which nothing is remembered. */
  readonly older: readonly Operation[]
  /** The migration that is undone. */
  readonly operations: readonly Operation[]
  readonly inverse: readonly Operation[]
  readonly transactions: Transactions
  /** Steps left out, because undoing them needs to know of what is older. */
  readonly irreversible: number
}

/** Random choices among some changes. */
export function randomCase(
  changes: readonly Change[],
  transactions: readonly Transactions[],
): fc.Arbitrary<RandomCase> {
  const number = fc.nat({ max: 50 })
  const step = fc.tuple(fc.nat({ max: changes.length - 1 }), number, number)
  return fc.record({
    older: fc.array(step, { maxLength: 5, size: 'max' }),
    // With a `minLength`, a step at the end that does nothing to it would stay in a smaller case.
    steps: fc.array(step, { maxLength: 10, size: 'max' }).filter(({ length }) => length > 0),
    transactions: fc.constantFrom(...transactions),
  })
}

/** Records the steps as a user would write them, one call after the other. */
export function recordCase(changes: readonly Change[], random: RandomCase): RecordedCase {
  let world = emptyWorld()
  const older = random.older.flatMap((one, index) => record(changes, one, world, `o${index}`))
  world.isOlder = false
  const operations: Operation[] = []
  let memory = new SchemaMemory()
  let irreversible = 0
  for (const [index, one] of random.steps.entries()) {
    const changed = copyWorld(world)
    const recorded = record(changes, one, changed, `n${index}`)
    const completed = recorded.map((operation) => memory.complete(operation))
    if (isReversible(completed)) {
      operations.push(...completed)
      world = changed
    } else {
      irreversible += 1
      memory = new SchemaMemory()
      for (const operation of operations) memory.complete(operation)
    }
  }
  const { transactions } = random
  return { older, operations, inverse: invertAll(operations), transactions, irreversible }
}

function record(
  changes: readonly Change[],
  [change, pick, other]: Step,
  world: World,
  plain: string,
): readonly Operation[] {
  const builder = new SchemaBuilder()
  // Some names need quotes, and have some.
  const name = pick % 4 === 3 ? `${plain} "É"` : plain
  changes[change]?.(builder, world, { pick, other, name })
  return builder.operations
}

function isReversible(operations: readonly Operation[]): boolean {
  try {
    invertAll(operations)
    return true
  } catch (error) {
    if (error instanceof IrreversibleError) return false
    throw error
  }
}

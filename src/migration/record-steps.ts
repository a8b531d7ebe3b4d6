import { rawStatement } from '../builder/parse.ts'
import {
  captureTrace,
  enqueue,
  queuedOperations,
  record,
  shareQueue,
  takeRecorded,
} from '../builder/recorded.ts'
import type { RecordedOperation } from '../builder/recorded.ts'
import type { SchemaBuilder } from '../builder/schema-builder.ts'
import { isSql } from '../builder/sql-fragment.ts'
import type { Operation } from '../operations/operation.ts'
import { isResult } from './row-results.ts'

/** The first thing that the calls which returned this value have recorded. */
const firsts = new WeakMap<object, RecordedOperation | undefined>()

/**
 * The builder, with calls that return values of their own: in a list of steps they tell where their
 * operations are among the others.
 */
export function stepBuilder(builder: SchemaBuilder, first?: RecordedOperation): SchemaBuilder {
  const step = new Proxy(builder, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target)
      if (typeof value !== 'function' || property === 'constructor') return value
      return (...args: unknown[]): unknown => {
        const queue = queuedOperations(target)
        const { length } = queue
        const returned: unknown = Reflect.apply(value, target, args)
        if (returned !== target) return returned
        return stepBuilder(target, first ?? firstNew(queue, length, queuedOperations(target)))
      }
    },
  })
  firsts.set(step, first)
  shareQueue(step, builder)
  return step
}

/**
 * Records the steps of a list. What a builder call returned is recorded already: what stands before
 * it in the list is put before it.
 *
 * @throws {TypeError} for what is neither an operation, nor SQL, nor returned by the builder.
 */
export function recordSteps(builder: SchemaBuilder, steps: readonly unknown[]): void {
  const queue = takeRecorded(builder)
  let next: RecordedOperation | undefined
  for (const step of flat(steps).toReversed()) {
    const isCall = typeof step === 'object' && step !== null && firsts.has(step)
    if (isCall) next = firsts.get(step) ?? next
    if (isCall || step === undefined || isResult(step)) continue
    const recorded = record(operationOf(step), captureTrace())
    // By its trace: where tables point to each other, an operation may have been put together anew.
    const index = next ? queue.findIndex(({ trace }) => trace === next?.trace) : -1
    queue.splice(index === -1 ? queue.length : index, 0, recorded)
    next = recorded
  }
  enqueue(builder, queue)
}

function firstNew(
  before: readonly RecordedOperation[],
  length: number,
  after: readonly RecordedOperation[],
): RecordedOperation | undefined {
  if (after === before) return after[length]
  // The queue was put in another order.
  const old = new Set(before.map(({ trace }) => trace))
  return after.find(({ trace }) => !old.has(trace))
}

function flat(steps: readonly unknown[]): readonly unknown[] {
  return isResult(steps) ? [] : steps.flatMap((step) => (Array.isArray(step) ? flat(step) : [step]))
}

function operationOf(step: unknown): Operation {
  if (isSql(step)) return rawStatement(step)
  if (typeof step === 'object' && step !== null && 'kind' in step) return step as Operation
  throw new TypeError(`a step of a migration is an operation or SQL, not ${JSON.stringify(step)}`)
}

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { IrreversibleError } from '../../src/errors.ts'
import { invertAll } from '../../src/operations/invert.ts'
import { needsNoTransaction } from '../../src/operations/needs-no-transaction.ts'
import type { Operation } from '../../src/operations/operation.ts'
import { everyChange } from './changes/every-change.ts'
import { outsideChanges } from './changes/outside-changes.ts'
import { randomCase, recordCase } from './random-case.ts'
import { RANDOM_KINDS } from './random-kinds.ts'

// As many as a run in CI; nothing of it touches a database.
const cases = fc
  .sample(randomCase(everyChange, ['one']), 1000)
  .map((random) => recordCase(everyChange, random))

test('random cases hold every kind of operation, to be undone and done again', () => {
  const found: Record<string, number> = {}
  for (const { operations } of cases) {
    for (const { kind } of operations.flatMap(unwrapped)) found[kind] = (found[kind] ?? 0) + 1
  }
  const lengths = cases.map(({ operations }) => operations.length).toSorted((a, b) => a - b)
  if (process.env['PROPERTY_STATISTICS']) {
    const skipped = cases.reduce((sum, { irreversible }) => sum + irreversible, 0)
    const older = cases.filter((one) => one.older.length > 0).length
    const rows = Object.entries(found).toSorted(([, a], [, b]) => a - b)
    process.stdout.write(
      [
        `${cases.length} cases, ${older} with older migrations, ${skipped} irreversible steps left out`,
        `operations: median ${lengths[500]}, least ${lengths[0]}, most ${lengths.at(-1)}`,
        ...rows.map(([kind, count]) => `${String(count).padStart(6)} ${kind}`),
        '',
      ].join('\n'),
    )
  }
  const random = Object.entries(RANDOM_KINDS).filter(([, is]) => is === true)
  expect(Object.keys(found).toSorted()).toEqual(random.map(([kind]) => kind).toSorted())
  expect(lengths[500]).toBeGreaterThanOrEqual(5)
})

test('the kinds that are left out cannot be in it', () => {
  const left = Object.entries(RANDOM_KINDS).filter(([, is]) => is !== true)
  expect(left.map(([kind]) => kind)).toEqual(['backfill', 'dropTypeIfExists'])
  const table = { name: 't' }
  const backfill: Operation = { kind: 'backfill', table, set: {}, batchSize: 1, pauseMs: 0 }
  expect(needsNoTransaction(backfill)).toBe(true)
  const drop: Operation = { kind: 'dropTypeIfExists', type: { name: 't' } }
  expect(() => invertAll([drop])).toThrow(IrreversibleError)
})

test('cases outside a transaction hold every kind that needs it', () => {
  const found = fc
    .sample(randomCase(outsideChanges, ['none']), 100)
    .flatMap((random) => recordCase(outsideChanges, random).operations)
    .filter(needsNoTransaction)
  expect([...new Set(found.map(({ kind }) => kind))].toSorted()).toEqual([
    'backfill',
    'createIndex',
    'detachPartition',
    'dropIndex',
    'reindex',
  ])
})

test('operations are plain data, also with what they destroy', () => {
  for (const { operations, inverse } of cases) {
    expect(JSON.parse(JSON.stringify([operations, inverse]))).toStrictEqual([operations, inverse])
  }
})

function unwrapped(operation: Operation): readonly Operation[] {
  return operation.kind === 'reversible'
    ? [operation, ...unwrapped(operation.operation)]
    : [operation]
}

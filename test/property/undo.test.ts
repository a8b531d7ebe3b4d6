import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { invertAll } from '../../src/operations/invert.ts'
import { withMemory } from '../../src/operations/memory/schema-memory.ts'
import type { OperationKind } from '../../src/operations/operation.ts'
import { compile } from '../../src/sql/compile.ts'
import { catalog } from '../helpers/catalog.ts'
import { emptyDatabase, useEngines } from '../helpers/check-sql.ts'
import { changes } from './random-changes.ts'
import type { World } from './world.ts'

const engines = useEngines()
const numRuns = Number(process.env['PROPERTY_RUNS'] ?? 40)
// Long sweeps take their time.
const timeout = 60_000 + numRuns * 2_000

const seen = new Set<OperationKind>()

const choices = fc.array(
  fc.tuple(fc.nat({ max: changes.length - 1 }), fc.nat({ max: 50 }), fc.nat({ max: 50 })),
  { minLength: 1, maxLength: 25 },
)

test('what random changes do, their inverse undoes, and does again', { timeout }, async () => {
  await fc.assert(
    fc.asyncProperty(choices, async (list) => {
      const builder = new SchemaBuilder()
      const world: World = { tables: [], objects: [] }
      for (const [step, [choice, pick, other]] of list.entries()) {
        changes[choice]?.(builder, world, { pick, other, name: `n${step}` })
      }
      const operations = withMemory(builder.operations)
      for (const { kind } of operations) seen.add(kind)
      const inverse = invertAll(operations)
      for (const { kind } of inverse) seen.add(kind)
      for (const database of engines.all()) {
        await emptyDatabase(database)
        const before = await catalog(database)
        await database.run(operations.map(compile))
        const between = await catalog(database)
        await database.run(inverse.map(compile))
        expect(await catalog(database)).toEqual(before)
        await database.run(operations.map(compile))
        expect(await catalog(database)).toEqual(between)
      }
    }),
    { numRuns },
  )
})

afterAll(() => {
  // Chance must not leave a kind out for long: most of them come up in every run.
  expect(seen.size).toBeGreaterThan(30)
})

import { expect, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'

test('an async direction is refused instead of losing its calls', async () => {
  const builder = new SchemaBuilder()
  const late: unknown[] = []
  expect(() =>
    builder.reversible({
      // oxlint-disable-next-line typescript/no-misused-promises -- what is tested
      up: async (up) => {
        await Promise.resolve()
        try {
          up.raw('CREATE TABLE lost ()')
        } catch (error) {
          late.push(error)
        }
      },
      down: () => undefined,
    }),
  ).toThrow('the callback of reversible must not be async')
  await new Promise((resolve) => setImmediate(resolve))
  expect(late).toMatchObject([{ code: 'FAASJS_PG_ASYNC_BUILDER' }])
  expect(builder.operations).toEqual([])
})

test('a builder of a direction is closed when the direction is over', () => {
  const kept: SchemaBuilder[] = []
  new SchemaBuilder().reversible({
    up: (up) => kept.push(up),
    down: (down) => kept.push(down),
  })
  expect(kept).toHaveLength(2)
  for (const builder of kept) expect(() => builder.raw('SELECT 1')).toThrow('ASYNC_BUILDER')
})

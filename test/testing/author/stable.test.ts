import fc from 'fast-check'
import { expect, test } from 'vitest'

import { Placeholders, stable } from '../../../src/testing/author/stable.ts'

test('replaces what differs from run to run, the same value by the same placeholder', () => {
  const uuid = '0190b6a2-7c54-7d9f-8f6c-3d6f6a1c2b3e'
  const rows = [
    {
      id: 7,
      token: uuid,
      author_id: '12',
      teamId: 7,
      tag_ids: [3, 7],
      created_at: new Date('2026-01-02T03:04:05.678Z'),
      note: `seen 2026-01-02T03:04:05.678Z, moved 2026-01-02 03:04:05.678901+00 by ${uuid.toUpperCase()}`,
      password: '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy',
      digest: 'd41d8cd98f00b204e9800998ecf8427e',
      name: 'Ada',
      age: 36,
      paid: true,
      nothing: null,
      grid: 5,
    },
  ]
  expect(stable(rows)).toEqual([
    {
      id: '<id-1>',
      token: '<uuid-1>',
      author_id: '<id-2>',
      teamId: '<id-1>',
      tag_ids: ['<id-3>', '<id-1>'],
      created_at: '<time-1>',
      note: 'seen <time-1>, moved <time-2> by <uuid-1>',
      password: '<hash-1>',
      digest: '<hash-2>',
      name: 'Ada',
      age: 36,
      paid: true,
      nothing: null,
      grid: 5,
    },
  ])
  expect(rows[0]?.id).toBe(7)
})

test('leaves what has nothing of the kind as it is, whatever it is', () => {
  fc.assert(
    fc.property(
      fc.jsonValue().filter((value) => !/\d|id/i.test(JSON.stringify(value))),
      (value) => {
        expect(stable(value)).toEqual(value)
      },
    ),
  )
})

test('gives equal results for rows that differ in ids only', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer(), { minLength: 2 }), fc.integer(), (ids, shift) => {
      const rows = (by: number): unknown =>
        ids.map((id, n) => ({ id: id + by, n, parent_id: (ids[0] ?? 0) + by }))
      expect(stable(rows(0))).toEqual(stable(rows(shift)))
    }),
  )
})

const unstable = fc.oneof(
  fc.uuid(),
  fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') }),
  fc.record({ id: fc.integer({ min: 0, max: 9 }) }),
  fc.record({ made_on: fc.constantFrom('2026-01-02', '2026-01-03') }),
  fc
    .array(fc.constantFrom('0', '3', '9', 'a', 'f'), { minLength: 40, maxLength: 40 })
    .map((digits) => digits.join('')),
)

test('what is equal stays equal and what differs differs, in one call or in several', () => {
  fc.assert(
    fc.property(fc.array(unstable, { maxLength: 12 }), fc.nat(), (values, pick) => {
      const list = values.length > 0 ? [...values, values[pick % values.length]] : []
      const replaced = stable(list) as unknown[]
      const texts = list.map((value) => JSON.stringify(value))
      const placeholders = replaced.map((value) => JSON.stringify(value))
      for (const [a, text] of texts.entries()) {
        expect(text).not.toBe(placeholders[a])
        for (const b of texts.keys()) {
          expect(placeholders[a] === placeholders[b]).toBe(text === texts[b])
        }
      }
      const shared = new Placeholders()
      expect(list.map((value) => stable(value, shared))).toEqual(replaced)
      // There is nothing left to be replaced.
      expect(stable(replaced)).toEqual(replaced)
    }),
  )
})

test('replaces dates by the name of their property, and what keys are', () => {
  const uuid = '0190b6a2-7c54-7d9f-8f6c-3d6f6a1c2b3e'
  expect(
    stable({ born: '1815-12-10', paid_on: '2026-01-02', dueDate: '2026-01-02', [uuid]: uuid }),
  ).toEqual({
    born: '1815-12-10',
    paid_on: '<date-1>',
    dueDate: '<date-1>',
    '<uuid-1>': '<uuid-1>',
  })
})

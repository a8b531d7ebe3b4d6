import { expect, test } from 'vitest'

import { DatabaseNames } from '../../../src/testing/postgres/database-names.ts'

const names = new DatabaseNames('postgres')
const run = '0123abcd'

test('a name says whose it is, and is no longer than PostgreSQL takes', () => {
  for (const slot of ['test', 'processes-1', 'ünïcode/#3', 'x'.repeat(200)]) {
    const name = names.ofSlot(run, slot)
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63)
    expect(name).toMatch(/^[a-z0-9_]+$/)
    expect(names.runOf(name)).toBe(run)
  }
})

test('different slots have different names', () => {
  const slots = ['a-b', 'a_b', 'a b', 'A-b', 'x'.repeat(100), 'x'.repeat(101)]
  expect(new Set(slots.map((slot) => names.ofSlot(run, slot))).size).toBe(slots.length)
})

test('what is not of this maintenance database is nobody’s', () => {
  const others = new DatabaseNames('template1')
  expect(others.runOf(names.ofSlot(run, 'test'))).toBe(undefined)
  expect(others.isTemplate(names.ofTemplate('abc'))).toBe(false)
  expect(names.runOf('fpg_app')).toBe(undefined)
  expect(names.isTemplate(names.ofTemplate('abc'))).toBe(true)
})

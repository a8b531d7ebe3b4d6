import { expect, test } from 'vitest'

import { locateFailure, nextBatch } from '../../src/database/statement-batch.ts'

/** The messages a list is sent in. */
function messages(statements: readonly string[], inTransaction: boolean): string[][] {
  const sent: string[][] = []
  let isOpen = inTransaction
  for (let index = 0; index < statements.length;) {
    const batch = nextBatch(statements, index, isOpen)
    sent.push([...batch.statements])
    index += batch.statements.length
    for (const statement of batch.statements) {
      if (statement === 'BEGIN') isOpen = true
      if (statement === 'COMMIT') isOpen = false
    }
  }
  return sent
}

test('in a transaction everything goes in one message', () => {
  expect(messages(['A', 'B;', 'C -- c'], true)).toEqual([['A', 'B;', 'C -- c']])
  expect(nextBatch(['A', 'B -- b', 'C'], 0, true).sql).toBe('A\n;\nB -- b\n;\nC')
})

test('outside of one, each statement goes alone', () => {
  expect(messages(['A', 'B', 'C'], false)).toEqual([['A'], ['B'], ['C']])
})

test('transactions in the list travel together, what is between them alone', () => {
  expect(messages(['A', 'BEGIN', 'B', 'COMMIT', 'BEGIN', 'C', 'COMMIT', 'D', 'E'], false)).toEqual([
    ['A'],
    ['BEGIN', 'B', 'COMMIT', 'BEGIN', 'C', 'COMMIT'],
    ['D'],
    ['E'],
  ])
})

test('what may hold several statements, or none, or half of one, goes alone', () => {
  expect(messages(['A', 'B; C', 'D', '', 'E', `F 'open`, 'G'], true)).toEqual([
    ['A'],
    ['B; C'],
    ['D'],
    [''],
    ['E'],
    [`F 'open`],
    ['G'],
  ])
})

test('a message does not grow without end', () => {
  const big = `SELECT '${'x'.repeat(600_000)}'`
  expect(messages([big, big, big, big], true).map((batch) => batch.length)).toEqual([2, 2])
})

const batch = nextBatch(['é💥', 'bcd', 'e'], 0, true)

test.each([
  // The first statement has 2 characters, the separator 3.
  [1, { index: 0, position: 1, isAtEnd: false }],
  [2, { index: 0, position: 2, isAtEnd: false }],
  [4, { index: 0, position: 3, isAtEnd: true }],
  [6, { index: 1, position: 1, isAtEnd: false }],
  [8, { index: 1, position: 3, isAtEnd: false }],
  [10, { index: 1, position: 4, isAtEnd: true }],
  [12, { index: 2, position: 1, isAtEnd: false }],
  [13, { index: 2, position: 2, isAtEnd: false }],
])('a failure at character %i', (position, place) => {
  expect(locateFailure(batch, 0, position)).toEqual(place)
})

test('a failure without position is found by counting', () => {
  expect(locateFailure(batch, 1, undefined)).toEqual({
    index: 1,
    position: undefined,
    isAtEnd: false,
  })
  const later = nextBatch(['A', 'B', 'C'], 1, true)
  expect(locateFailure(later, 1, undefined)).toMatchObject({ index: 2 })
  expect(locateFailure(later, 0, 1)).toMatchObject({ index: 1, position: 1 })
})

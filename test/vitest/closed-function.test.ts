import { expect, test } from 'vitest'

import { closedFunction } from '../../src/vitest/closed-function.ts'

const outer = 'outer'
let assigned = 0
const list: number[] = []

class Db {
  readonly rows: unknown[] = []

  async insert(row: unknown): Promise<unknown> {
    this.rows.push(row)
    return row
  }
}

type Work = (db: Db) => unknown

const CLOSED: readonly Work[] = [
  (db) => db.insert(1),
  async (db) => {
    const names = Array.from({ length: 2 }, (_, n) => `n${n}`)
    for (const name of names) await db.insert({ name, at: new Date(0), code: Math.max(1, 2) })
    await Promise.all([3, 4].map((n) => db.insert(JSON.stringify({ n }))))
  },
  async function named(db) {
    const again = async (n: number): Promise<void> => {
      if (n === 0) return
      await db.insert(n)
      await again(n - 1)
    }
    await again(2)
  },
  (db) => db.insert(new Map([['a', Buffer.from('a').toString('hex')]]).get('a')),
]

test.each(CLOSED.map((work) => [work]))('%s is closed, and does the same', async (work) => {
  const [own, copied] = [new Db(), new Db()]
  await work(own)
  const closed = closedFunction(work)
  await closed?.run(copied)
  expect(copied.rows).toEqual(own.rows)
  expect(copied.rows.length).toBeGreaterThan(0)
  expect(closed).toMatchObject({ reached: undefined, text: String(work) })
})

const OPEN: readonly (readonly [string, Work])[] = [
  ['outer', (db) => db.insert(outer)],
  ['assigned', () => (assigned = 1)],
  ['assigned', () => assigned++],
  ['list', () => list.push(1)],
  ['Date.now', (db) => db.insert(Date.now())],
  ['new Date()', (db) => db.insert(new Date())],
  ['Math.random', (db) => db.insert(Math.random())],
  ['process', (db) => db.insert(process.env['HOME'])],
  ['globalThis', () => Object.assign(globalThis, { reached: true })],
  ['fetch', () => fetch('http://127.0.0.1:1')],
  ['crypto', (db) => db.insert(crypto.randomUUID())],
  ['setTimeout', () => setTimeout(() => list.push(1), 0)],
  // What it does not see is not known to have been of no use.
  [
    'list',
    async (db) => {
      try {
        list.push(1)
      } catch {
        await db.insert('caught')
      }
    },
  ],
  ['outer', (db) => db.insert(typeof outer)],
]

test.each(OPEN)('what reaches for %s is not: %s', async (name, work) => {
  const closed = closedFunction(work)
  await closed?.run(new Db()).catch(() => {})
  expect(closed?.reached).toBe(name)
  expect([assigned, list]).toEqual([0, []])
  expect(globalThis).not.toHaveProperty('reached')
})

test('what means something only where it stands has no copy', () => {
  const { method } = {
    method(db: Db) {
      return db
    },
  }
  expect(closedFunction(method)).toBeUndefined()
  expect(closedFunction(Math.max)).toBeUndefined()
  expect(closedFunction(list.push.bind(list))).toBeUndefined()
})

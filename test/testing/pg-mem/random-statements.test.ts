import fc from 'fast-check'
import pg from 'pg'
import { afterAll, expect, test } from 'vitest'

import { createMemoryDatabase } from '../../../src/testing/index.ts'
import { snapshotOf, startHost } from '../helpers.ts'
import { SETUP } from './statements.ts'

// Statements made of the parts that are emulated, on both: none may come to something else.
const { host, url } = await startHost(snapshotOf(SETUP.join(';')), {
  modes: { scope: 'worker', reset: 'full' },
})
const client = new pg.Client(url)
await client.connect()
const memory = await createMemoryDatabase({ migrations: 'test/testing/pg-mem/fixtures/empty' })
const emulated = new (memory.createPg<typeof pg>().Client)()
for (const sql of SETUP) await emulated.query(sql)
const start = await memory.snapshot()
afterAll(() => client.end())

const one = (...texts: string[]): fc.Arbitrary<string> => fc.constantFrom(...texts)
const put = (
  parts: TemplateStringsArray,
  ...values: fc.Arbitrary<string>[]
): fc.Arbitrary<string> => fc.tuple(...values).map((given) => String.raw({ raw: parts }, ...given))

const { number, condition } = fc.letrec<{ number: string; condition: string }>((tie) => ({
  number: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    one('p.score', 'p.id', 'i.id', 'NULL', '0', '1', '5', '-7', 'i.parent_id', 'i.big'),
    put`(${tie('number')} ${one('+', '-', '*', '/', '%')} ${tie('number')})`,
    put`coalesce(${tie('number')}, ${tie('number')})`,
    put`CASE WHEN ${tie('condition')} THEN ${tie('number')} ELSE ${tie('number')} END`,
    put`length(${one('p.name', 'i.title', "'xyz'")})`,
  ),
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    one('i.ok', 'true', 'false', `p.name > 'B'`, `i.title LIKE '%o%'`, `i.data @> '{"a":1}'`),
    one(`i.day < '2025-01-01'`, `i.at > '2026-01-01'`, 'i.price >= 0.5', 'i.key IS NULL'),
    put`${tie('number')} ${one('=', '<>', '<', '<=', '>', '>=')} ${tie('number')}`,
    put`(${tie('condition')} ${one('AND', 'OR')} ${tie('condition')})`,
    put`NOT ${one('', '')}(${tie('condition')})`,
    put`(${tie('condition')}) ${one('IS NULL', 'IS NOT NULL', 'IS TRUE', 'IS NOT TRUE', 'IS FALSE')}`,
    put`${tie('number')} ${one('IN', 'NOT IN')} (${tie('number')}, ${tie('number')})`,
    put`${tie('number')} ${one('BETWEEN', 'NOT BETWEEN')} ${tie('number')} AND ${tie('number')}`,
  ),
}))
const join = one('JOIN', 'LEFT JOIN', 'RIGHT JOIN')
const from = put`FROM parents p ${join} items i ON i.parent_id = p.id`
const order = put`ORDER BY p.id ${one('', 'DESC', 'NULLS FIRST')}, i.id ${one('', 'DESC', 'DESC NULLS LAST')}`
const own = (text: string): string => text.replaceAll(/\b[pi]\.(\w+)/g, '$1')
const ownCondition = condition.map((text) =>
  own(
    text
      .replaceAll(/i\.(parent_id|big)|i\.id/g, 'p.score')
      .replaceAll(/i\.\w+ [^ )]+ ('[^']*'|[\d.]+)|i\.(ok|key IS NULL)/g, 'score > 0')
      .replaceAll('i.title', 'name'),
  ),
)

const statement = fc.oneof(
  put`SELECT ${number} AS a, ${condition} AS b ${from} ${order}`,
  put`SELECT p.id, i.id AS item ${from} WHERE ${condition} ${order} LIMIT ${one('1', '2', '9')}`,
  put`SELECT p.name, count(*), count(i.id), sum(${one('i.parent_id', 'p.score', 'p.id')}) ${from} WHERE ${condition} GROUP BY p.name ORDER BY p.name`,
  put`SELECT count(*), min(p.score), max(i.title), bool_or(i.ok) ${from} WHERE ${condition}`,
  put`SELECT DISTINCT p.score ${from} WHERE ${condition} ORDER BY p.score`,
  put`SELECT id, parent_id, title FROM items WHERE parent_id IN (SELECT id FROM parents WHERE ${ownCondition}) ORDER BY id`,
  put`UPDATE parents SET score = ${one('score + 1', 'NULL', '3', 'score * id', 'DEFAULT')} WHERE ${ownCondition} RETURNING *`,
  put`DELETE FROM ${one('parents', 'parents', 'parents')} WHERE ${ownCondition} RETURNING id`,
  put`INSERT INTO parents (name, score) VALUES (${one("'Ada'", "'new'", "'bob'", 'NULL')}, ${one('1', 'NULL', '99999999999')}), (${one("'new'", "'other'")}, 2) ${one('', 'ON CONFLICT DO NOTHING', 'ON CONFLICT (name) DO UPDATE SET score = excluded.score')} RETURNING *`,
  put`INSERT INTO items (parent_id, title, price) VALUES (${one('1', '3', '7', 'NULL')}, ${one("'x'", "'a title that is too long'", 'NULL')}, ${one('1.25', '0', '123456789')}) RETURNING id, parent_id, title, price`,
)

interface Seen {
  readonly code?: string | undefined
  readonly result?: unknown
}

async function seen(on: pg.Client, sql: string): Promise<Seen> {
  try {
    const { command, rowCount, rows, fields } = await on.query(sql)
    const types = fields.map(({ name, dataTypeID }) => [name, dataTypeID])
    return { result: { command, rowCount, rows, types } }
  } catch (error) {
    const { code } = error as { code?: string }
    return { code }
  }
}

/** Division by zero, and a number out of range. */
const ARITHMETIC = new Set(['22012', '22003'])

const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 60)

test('statements of emulated parts come to the same', { timeout: 600_000 }, async () => {
  let run = 0
  const state = ['SELECT * FROM parents', 'SELECT id, parent_id, title FROM items ORDER BY id']
  await fc.assert(
    fc.asyncProperty(fc.array(statement, { minLength: 1, maxLength: 6 }), async (statements) => {
      await host.reset(undefined)
      await memory.restore(start)
      for (const sql of statements) {
        const ours = await seen(emulated, sql)
        if (ours.code === 'FAASJS_PG_NOT_EMULATED') continue
        const theirs = await seen(client, sql)
        // Whether a part that may fail is computed at all is up to the planner.
        const failed = [ours.code, theirs.code].some((code) => ARITHMETIC.has(code ?? ''))
        if (failed && ours.code !== theirs.code) return
        expect(ours, sql).toEqual(theirs)
        run++
      }
      for (const sql of state) expect(await seen(emulated, sql)).toEqual(await seen(client, sql))
    }),
    { numRuns: RUNS },
  )
  // That most of it is refused would make this prove nothing.
  expect(run).toBeGreaterThan(RUNS)
})

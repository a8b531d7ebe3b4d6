import pg from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

import type { Database } from '../../src/database/database.ts'
import { openDatabase } from '../../src/database/open.ts'
import {
  captureServerBaseline,
  restoreServerBaseline,
} from '../../src/testing/baseline/server-baseline.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/postgres.ts'
import { MESS, SCHEMA, stateOf } from './hostile-schema.ts'

let fresh: FreshDatabase
let database: Database
let mark: string | undefined
let baseline: unknown

const state = (): Promise<unknown> => stateOf(async (sql) => (await database.query(sql)).rows)

async function reset(): ReturnType<typeof restoreServerBaseline> {
  const report = await restoreServerBaseline(database, mark)
  mark = report.mark
  return report
}

beforeAll(async () => {
  fresh = await freshDatabase()
  database = await openDatabase(fresh.url)
  // Roles belong to the whole server.
  await database.query(SCHEMA.replace('create role app_user;', ''))
  await captureServerBaseline(database)
  baseline = await state()
})

afterAll(async () => {
  await database.close()
  await fresh.drop()
})

test('puts rows, sequences and materialized views of a hostile schema back, again and again', async () => {
  for (let round = 1; round <= 3; round++) {
    for (const sql of MESS) await database.query(sql)
    expect(await state()).not.toEqual(baseline)
    const { relations, ended } = await reset()
    expect(relations).toBeGreaterThan(20)
    expect(ended).toEqual([])
    expect(await state()).toEqual(baseline)
  }
})

test.each([
  ['truncate', 'truncate currencies cascade'],
  ['truncate and restart', 'truncate plain, countries restart identity'],
  ['an insert that fails', `insert into app.other (mood) values (null); select 1 / 0`],
  ['a failed insert', `insert into restricted values (99)`],
  ['a restarted sequence', 'alter sequence lone restart 5'],
  ['a set sequence', `select setval('lone', 7)`],
  ['a sequence set without a value given', `select setval('lone', 7, false)`],
  ['an update that changes nothing', 'update countries set code = code'],
  ['a concurrent refresh', 'insert into noted values (8); refresh materialized view totals'],
])('sees %s', async (_, sql) => {
  await reset()
  await database.query(sql).catch(() => {})
  await reset()
  expect(await state()).toEqual(baseline)
})

test('does nothing when nothing was written', async () => {
  await reset()
  const before = mark
  await database.query('select * from countries')
  expect(await reset()).toEqual({ relations: 0, ended: [], mark: before })
})

test('ends transactions that are open, and names them', async () => {
  const leaving = new pg.Client({ connectionString: fresh.url, application_name: 'leaving' })
  const lost: string[] = []
  leaving.on('error', (error) => lost.push(error.message))
  await leaving.connect()
  onTestFinished(() => leaving.end().catch(() => {}))
  await leaving.query('begin')
  await leaving.query(`insert into keyless values ('late')`)
  const { ended } = await reset()
  expect(ended).toMatchObject([
    { application: 'leaving', query: `insert into keyless values ('late')` },
  ])
  await expect(leaving.query('commit')).rejects.toThrow(/terminat|not queryable/)
  expect(await state()).toEqual(baseline)
})

test('vacuums what has become bloated', async () => {
  await database.query(`insert into keyless select repeat('x', 500) from generate_series(1, 2000)`)
  await reset()
  const { rows } = await database.query(`select pg_relation_size('keyless')::int as size`)
  expect(rows).toEqual([{ size: 0 }])
})

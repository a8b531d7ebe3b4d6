import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type LocalHost, snapshotOf, startHost } from './helpers.ts'
import { MESS, SCHEMA, stateOf } from './hostile-schema.ts'

// What else a test may do, with the schema as well.
const ACTIONS = [
  ...MESS,
  'begin',
  'commit',
  'rollback',
  'select * from nowhere',
  'truncate plain, countries restart identity cascade',
  'create table more (id serial, name text)',
  'insert into more (name) values ($$x$$)',
  'alter table plain add column age int default 7',
  'drop table countries cascade',
  'create temp table scratch as select * from plain',
  'create role somebody',
  'alter sequence lone restart 7',
  `set timezone to 'Asia/Tokyo'`,
  'set session authorization app_user',
  'vacuum',
  'select pg_stat_reset()',
]

const runs = Number(process.env['PROPERTY_RUNS'] ?? 20)

let local: LocalHost
let client: pg.Client

beforeAll(async () => {
  local = await startHost(await snapshotOf(SCHEMA))
  client = new pg.Client(local.url)
  await client.connect()
})

afterAll(() => client.end())

test(
  'whatever a test does, the next one starts from the baseline',
  async () => {
    const state = (): Promise<unknown> =>
      stateOf(async (sql) => (await client.query(sql)).rows as unknown)
    const session = `select current_user, current_setting('timezone') as zone, to_regclass('more') as more,
    to_regclass('pg_temp.scratch') as scratch,
    (select count(*)::int from pg_roles where rolname = 'somebody') as roles`
    const everything = async (): Promise<unknown> => [
      await state(),
      (await client.query(session)).rows,
    ]
    const baseline = await everything()
    const actions = fc.array(fc.constantFrom(...ACTIONS), { minLength: 1, maxLength: 10 })
    await fc.assert(
      fc.asyncProperty(actions, async (statements) => {
        for (const sql of statements) await client.query(sql).catch(() => {})
        await local.host.reset('random')
        // What it says once to the connection whose transaction is gone.
        await client.query('select 1').catch(() => {})
        expect(await everything()).toEqual(baseline)
      }),
      { numRuns: runs },
    )
  },
  60_000 + runs * 2000,
)

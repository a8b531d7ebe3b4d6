import { randomUUID } from 'node:crypto'

import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'

import { openDatabase } from '../../src/database/open.ts'
import { ServerBaseline } from '../../src/testing/baseline/server-baseline.ts'
import { copyStrategy, freshDatabase } from '../helpers/postgres.ts'
import { MESS, SCHEMA, stateOf } from './hostile-schema.ts'

interface Pair {
  /** Where the test has been. */
  readonly used: pg.Client
  /** A clone of the baseline. */
  readonly clone: pg.Client
}

/** Two databases with the same baseline, as a role of their own unless it is to be a superuser. */
async function pairOf(schema: string, isSuperuser: boolean): Promise<Pair> {
  const template = await freshDatabase()
  const name = new URL(template.url).pathname.slice(1)
  const admin = new pg.Client(template.url.replace(name, 'postgres'))
  await admin.connect()
  const role = `difference_${randomUUID().slice(0, 8)}`
  if (!isSuperuser) {
    await admin.query(`create role ${role} login createdb`)
    await admin.query(`grant ${role} to current_user; alter database ${name} owner to ${role}`)
  }
  const connect = async (database: string): Promise<pg.Client> => {
    const client = new pg.Client(template.url.replace(name, database))
    client.on('error', () => {})
    await client.connect()
    if (!isSuperuser) await client.query(`set session authorization ${role}`)
    return client
  }
  const building = await connect(name)
  await building.query(schema)
  await new ServerBaseline(await openDatabase(building)).capture()
  await building.end()
  const strategy = await copyStrategy(await openDatabase(admin))
  for (const copy of [`${name}_used`, `${name}_clone`]) {
    const owner = isSuperuser ? '' : `owner ${role}`
    await admin.query(`create database ${copy} template ${name} ${strategy} ${owner}`)
  }
  const used = await connect(`${name}_used`)
  const clone = await connect(`${name}_clone`)
  onTestFinished(async () => {
    await used.end()
    await clone.end()
    for (const copy of [`${name}_used`, `${name}_clone`]) await admin.query(`drop database ${copy}`)
    await template.drop()
    if (!isSuperuser) await admin.query(`drop role ${role}`)
    await admin.end()
  })
  return { used, clone }
}

const state = (client: pg.Client): Promise<unknown> =>
  stateOf(async (sql) => (await client.query(sql)).rows)

async function copy({ used, clone }: Pair): Promise<boolean> {
  const [here, there] = [await openDatabase(used), await openDatabase(clone)]
  const isCopied = await here.transaction((source) =>
    there.transaction((target) => new ServerBaseline(here).copyInto(source, target)),
  )
  await new ServerBaseline(there).forget()
  return isCopied
}

const OWN_SCHEMA = SCHEMA.replace('create role app_user;', '')

test.each([
  ['a superuser', true],
  ['an owner', false],
])('makes a clone the same as a database that was used, as %s', async (_, isSuperuser) => {
  const pair = await pairOf(OWN_SCHEMA, isSuperuser)
  // Its policy holds for owners.
  const mess = MESS.map((sql) =>
    sql.replace('into secured values (5)', 'into secured values (5000)'),
  )
  for (const sql of mess) await pair.used.query(sql)
  expect(await copy(pair)).toBe(true)
  expect(await state(pair.clone)).toEqual(await state(pair.used))
  const { rows } = await pair.clone.query(
    `select from pg_namespace where nspname like '%faasjs_pg_baseline'`,
  )
  expect(rows).toEqual([])
})

test('does nothing where nothing was done, and nothing where the schema is another', async () => {
  const pair = await pairOf(OWN_SCHEMA, true)
  const before = await state(pair.clone)
  expect(await copy(pair)).toBe(true)
  expect(await state(pair.clone)).toEqual(before)
  await pair.used.query('alter table plain add column note text')
  await pair.used.query(`insert into plain (name) values ('a')`)
  expect(await copy(pair)).toBe(false)
  expect(await state(pair.clone)).toEqual(before)
})

test('keeps every value as it is', async () => {
  const pair = await pairOf(
    `create type pair as (a int, b text);
     create domain positive as int check (value > 0);
     create table kinds (id int generated always as identity, f float8, n numeric, b bytea, j jsonb, t text[],
       ts timestamptz, d date, i interval, p pair, ps pair[], o positive, r int4range, c regclass, x text, dropped int);
     alter table kinds drop column dropped`,
    true,
  )
  await pair.used
    .query(`set datestyle to 'SQL, DMY'; set timezone to 'Asia/Tokyo'; set extra_float_digits to 0;
    set intervalstyle to 'iso_8601'; set bytea_output to 'escape'`)
  await pair.used.query(`insert into kinds (f, n, b, j, t, ts, d, i, p, ps, o, r, c, x) values
    (0.1 + 0.2, 1e-30, '\\x00ff', '{"a": "\\"b"}', array['x,y', 'a"b', null, ''], '2026-03-04 05:06:07.891', '2026-03-04',
     '1 mon -2 days 03:04', row(1, 'it''s "q", (x)'), array[row(null, '')::pair], 7, '[1,5)', 'pg_class', e'a\\nb\\\\c'),
    (null, null, null, null, null, null, null, null, null, null, null, null, null, null)`)
  expect(await copy(pair)).toBe(true)
  const all = 'select * from kinds order by id'
  await pair.used.query('reset all')
  expect((await pair.clone.query(all)).rows).toEqual((await pair.used.query(all)).rows)
  expect((await pair.clone.query('insert into kinds (x) values (1) returning id')).rows).toEqual([
    { id: 3 },
  ])
})

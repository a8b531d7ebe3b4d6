import { randomUUID } from 'node:crypto'

import pg from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import type { Database } from '../../src/database/database.ts'
import { openDatabase } from '../../src/database/open.ts'
import { ServerBaseline, type ServerReset } from '../../src/testing/baseline/server-baseline.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/postgres.ts'
import { copyOf } from './copy-of.ts'
import { MESS, SCHEMA, stateOf } from './hostile-schema.ts'

let fresh: FreshDatabase
let database: Database
let server: ServerBaseline
let baseline: unknown

const state = (): Promise<unknown> => stateOf(async (sql) => (await database.query(sql)).rows)

const reset = (): Promise<ServerReset> => server.reset()

beforeAll(async () => {
  fresh = await freshDatabase()
  database = await openDatabase(fresh.url)
  // Roles belong to the whole server.
  await database.query(SCHEMA.replace('create role app_user;', ''))
  server = new ServerBaseline(database)
  await server.capture()
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
    const { relations, ended, changes } = await reset()
    expect(relations).toBeGreaterThan(20)
    expect(ended).toEqual([])
    expect(changes).toEqual([])
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

test('puts back what each statement alone has done', async () => {
  for (const sql of MESS) {
    await database.query(sql)
    expect(await reset(), sql).toMatchObject({ changes: [] })
    expect(await state(), sql).toEqual(baseline)
  }
})

test('puts back what was touched, and nothing else', async () => {
  await database.query(`insert into plain (name) values ('x'); insert into keyless values ('x')`)
  await reset()
  await database.query(`insert into app.other default values`)
  // The table and its sequence; the files of the others have kept their size.
  expect(await reset()).toMatchObject({ relations: 2 })
  await database.query('truncate plain; update countries set code = code')
  expect(await reset()).toMatchObject({ relations: 2 })
  await database.query(`insert into keyless values ('x')`)
  expect(await reset()).toMatchObject({ relations: 1 })
})

test('does nothing when nothing was written', async () => {
  await reset()
  await database.query('select * from countries')
  expect(await reset()).toEqual({ relations: 0, ended: [], changes: [] })
})

test.each(['logged', 'unlogged'])(
  'sees numbers of %s sequences that a failing statement has taken without a trace',
  async (kind) => {
    const own = await freshDatabase()
    const there = await openDatabase(own.url)
    onTestFinished(async () => {
      await there.close()
      await own.drop()
    })
    await there.query(
      `create ${kind === 'logged' ? '' : kind} table numbered (id serial, name text not null)`,
    )
    // The sequence logs some numbers in advance.
    await there.query(`insert into numbered (name) values ('x')`)
    const numbered = new ServerBaseline(there)
    await numbered.capture()
    await numbered.reset()
    for (let time = 1; time <= 2; time++) {
      await expect(there.query('insert into numbered (name) values (null)')).rejects.toThrow(
        'not-null',
      )
      await numbered.reset()
      const { rows } = await there.query('select last_value::int as last from numbered_id_seq')
      expect(rows).toEqual([{ last: 1 }])
    }
  },
)

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

describe('E5 locks in the way of a reset', () => {
  /** Whenever those who held locks are gone, somebody else comes with one right before rows are put back: that many times. */
  async function withLocks(times: number): Promise<{ reset: ServerReset; tries: number }> {
    const held: pg.Client[] = []
    onTestFinished(async () => void (await Promise.allSettled(held.map((client) => client.end()))))
    const lock = async (): Promise<void> => {
      const client = new pg.Client({ connectionString: fresh.url, application_name: 'in the way' })
      client.on('error', () => {})
      await client.connect()
      held.push(client)
      await client.query('begin; lock table keyless')
    }
    let tries = 0
    const query: Database['query'] = async (sql, params) => {
      const isAfterEnding = /\.reset\(.*, true,/.test(sql)
      if (isAfterEnding && ++tries <= times) await lock()
      return await database.query(sql, params)
    }
    const executor = { query, run: (statements: readonly string[]) => database.run(statements) }
    const other = new ServerBaseline(executor)
    await database.query(`insert into keyless values ('x')`)
    await lock()
    return { reset: await other.reset(), tries }
  }

  test('it is tried again, and those who held them are named', async () => {
    const { reset, tries } = await withLocks(2)
    expect(tries).toBe(3)
    expect(reset.changes).toEqual([])
    expect(reset.ended).toMatchObject([
      { application: 'in the way', query: 'begin; lock table keyless' },
      { application: 'in the way', query: 'begin; lock table keyless' },
      { application: 'in the way', query: 'begin; lock table keyless' },
    ])
    expect(await state()).toEqual(baseline)
  })

  test('three times; then the database must be made anew, which ends everybody', async () => {
    const { reset, tries } = await withLocks(3)
    expect(tries).toBe(3)
    expect(reset.changes).toMatchObject([
      { of: 'database', reason: expect.stringContaining('lock timeout') },
    ])
    await server.reset()
  })
})

test('a statement that failed may still be cleaning up', async () => {
  const client = new pg.Client(fresh.url)
  await client.connect()
  onTestFinished(() => client.end())
  // The error comes first, then all these files are removed.
  const sql = `do $$ begin
    for i in 1..300 loop execute format('create table early_%s (id serial primary key)', i); end loop;
    raise exception 'enough';
  end $$`
  for (let round = 0; round < 3; round++) {
    await expect(client.query(sql)).rejects.toThrow('enough')
    expect(await reset()).toMatchObject({ ended: [], changes: [] })
  }
})

test('vacuums what has become bloated', async () => {
  await database.query(`insert into keyless select repeat('x', 500) from generate_series(1, 2000)`)
  await reset()
  const { rows } = await database.query(`select pg_relation_size('keyless')::int as size`)
  expect(rows).toEqual([{ size: 0 }])
})

const THINGS = `create table things (id serial primary key, name text);
  insert into things (name) values ('a'); create sequence lone;
  create type mood as enum ('calm'); create materialized view seen as select count(*) from things`

test.each([
  ['a table was made', 'create table more ()'],
  ['a table was dropped', 'drop table things cascade'],
  ['a table was emptied and changed', 'truncate things; alter table things add column age int'],
  [
    'a trigger was switched off',
    'alter table things disable trigger all; comment on table things is $$x$$',
  ],
  ['a value was added', `alter type mood add value 'busy'`],
  ['everything is gone', 'drop schema public cascade'],
  ['the baseline itself is gone', 'drop schema pg_faasjs_baseline cascade'],
  ['what listens is gone', 'drop event trigger pg_faasjs_baseline'],
  [
    'somebody else listens',
    `create function f() returns event_trigger language plpgsql as 'begin end';
     create event trigger e on sql_drop execute function f()`,
  ],
  [
    'event triggers were off',
    'set session_replication_role = replica; create table more (); reset session_replication_role',
  ],
  [
    'the database has settings',
    `do $$ begin execute format('alter database %I set work_mem = ''5MB''', current_database()); end $$`,
  ],
  ['a large object was made', `select lo_from_bytea(0, 'x')`],
  ['something was granted', 'grant select on things to public'],
])('says that the database must be made anew when %s', async (_, sql) => {
  const { copy, own } = await copyOf(database, THINGS)
  await copy.query(`insert into things (name) values ('b')`)
  expect(await own.reset()).toMatchObject({ changes: [] })
  await copy.query(sql)
  expect(await own.reset()).toMatchObject({ relations: 0, changes: [{ of: 'database' }] })
})

test.each([
  ['a temporary table', 'create temp table scratch (id int)'],
  ['a change that was rolled back', 'begin; create table more (); rollback'],
  ['a change and its opposite', 'alter table things rename to x; alter table x rename to things'],
  ['a refreshed view', 'insert into things default values; refresh materialized view seen'],
  ['maintenance', 'vacuum full things'],
])('%s is no change of the schema', async (_, sql) => {
  const { copy, own } = await copyOf(database, THINGS)
  await own.reset()
  await copy.query(sql)
  expect(await own.reset()).toMatchObject({ changes: [] })
  expect((await copy.query('select count(*)::int as n from things')).rows).toEqual([{ n: 1 }])
  expect(await own.reset()).toEqual({ relations: 0, ended: [], changes: [] })
})

test('tells once of roles, which belong to the whole server', async () => {
  const { copy, own } = await copyOf(database, THINGS)
  await own.reset()
  const role = `role_${randomUUID().slice(0, 8)}`
  await copy.query(`insert into things default values; create role ${role}`)
  onTestFinished(async () => void (await database.query(`drop role ${role}`)))
  const { changes, relations } = await own.reset()
  expect(changes.map((change) => change.of)).toEqual(['server'])
  expect(relations).toBeGreaterThan(0)
  expect((await own.reset()).changes).toEqual([])
})

test('a view that shows something else after each refresh takes a copy to restore', async () => {
  const { copy, own } = await copyOf(
    database,
    'create materialized view moment as select clock_timestamp()',
  )
  expect(await own.reset()).toMatchObject({ changes: [] })
  await copy.query('refresh materialized view moment')
  expect(await own.reset()).toMatchObject({ changes: [{ of: 'database' }] })
})

test('triggers and rules that always fire do not', async () => {
  const { copy, own } = await copyOf(
    database,
    `${THINGS};
    create table log (what text);
    create function note() returns trigger language plpgsql as
      $$ begin insert into log values (tg_op); return null; end $$;
    create trigger always before insert or delete on things for each row execute function note();
    create trigger replica before delete on things for each row execute function note();
    create rule keep as on delete to log do instead nothing;
    alter table things enable always trigger always;
    alter table things enable replica trigger replica;
    alter table log enable always rule keep`,
  )
  const enabled = `select tgname, tgenabled from pg_trigger where not tgisinternal
    union all select rulename, ev_enabled from pg_rewrite where rulename = 'keep' order by 1`
  const before = (await copy.query(enabled)).rows
  for (let round = 1; round <= 2; round++) {
    await copy.query(`update things set name = 'b'; insert into log values ('x')`)
    expect(await own.reset()).toMatchObject({ changes: [] })
    expect((await copy.query('select name from things')).rows).toEqual([{ name: 'a' }])
    expect((await copy.query('select * from log')).rows).toEqual([])
    expect((await copy.query(enabled)).rows).toEqual(before)
  }
})

import pg from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

import { TestEngine } from '../../src/testing/host/test-engine.ts'
import { sharedEngineParts } from '../../src/testing/pglite/engine-parts.ts'
import type { Snapshot } from '../../src/testing/pglite/snapshot.ts'
import { type LocalHost, snapshotOf, startHost } from './helpers.ts'
import { MESS, SCHEMA, stateOf } from './hostile-schema.ts'
import {
  RARE_CHANGES,
  RARE_CHANGES_OF_SUPERUSERS,
  RARE_THINGS,
  RARE_THINGS_OF_SUPERUSERS,
  SCHEMA_PUBLISHED,
} from './rare-changes.ts'

let snapshot: Snapshot
let local: LocalHost
let client: pg.Client

beforeAll(async () => {
  snapshot = await snapshotOf(SCHEMA)
  local = await startHost(snapshot)
  client = new pg.Client(local.url)
  await client.connect()
})

afterAll(() => client.end())

const state = (): Promise<unknown> => stateOf(async (sql) => (await client.query(sql)).rows)

/** What there is, besides rows: whatever a change of the schema leaves. */
async function catalog(): Promise<unknown> {
  const { rows } = await client.query(`
    select (select string_agg(c::text, ' ' order by oid) from (
        select oid, relname, relkind, relrowsecurity, relacl::text from pg_class where oid >= 16384) c) classes,
      (select string_agg(a::text, ' ' order by a::text) from pg_attribute a where attrelid >= 16384) columns,
      (select string_agg(p::text, ' ' order by p::text) from pg_proc p where oid >= 16384) functions,
      (select string_agg(t::text, ' ' order by t::text) from pg_trigger t) triggers,
      (select string_agg(e::text, ' ' order by e::text) from pg_enum e) enums,
      (select string_agg(n::text, ' ' order by n::text) from pg_namespace n
        where nspname !~ 'temp') schemas,
      (select string_agg(r::text, ' ' order by r::text) from pg_authid r) roles,
      (select string_agg(s::text, ' ' order by s::text) from pg_db_role_setting s) settings,
      (select string_agg(d::text, ' ' order by d::text) from pg_description d where objoid >= 16384) comments,
      (select string_agg(s::text, ' ' order by s::text) from pg_sequence s) sequences,
      (select count(*) from pg_largeobject_metadata) objects,
      pg_read_file('postgresql.auto.conf') system`)
  return rows
}

test('puts rows, sequences and materialized views of a hostile schema back, again and again', async () => {
  const baseline = await state()
  const writes = MESS.filter((sql) => !sql.startsWith('refresh'))
  for (const [kind, statements] of [
    ['rows', writes],
    ['full', MESS],
    ['rows', writes],
  ] as const) {
    for (const sql of statements) await client.query(sql)
    expect(await state()).not.toEqual(baseline)
    const report = await local.host.reset(kind)
    expect(report).toMatchObject({ kind })
    if (kind === 'rows') expect(report.relations).toBeGreaterThan(20)
    expect(await state()).toEqual(baseline)
  }
})

test('puts back what each statement alone has done', async () => {
  const baseline = await state()
  for (const sql of MESS.filter((sql) => !sql.startsWith('refresh'))) {
    await client.query(sql)
    expect(await local.host.reset(sql), sql).toMatchObject({ kind: 'rows' })
    expect(await state(), sql).toEqual(baseline)
  }
})

test.each([
  ['all', 'pg_stat_reset()'],
  ['those of a sequence', `pg_stat_reset_single_table_counters('plain_id_seq'::regclass)`],
])('is not misled by counters that begin anew: %s', async (_, forget) => {
  await client.query(`select nextval('plain_id_seq')`)
  await local.host.reset('before')
  const baseline = await state()
  // For one of these they are what they were.
  for (let count = 1; count <= 12; count++) {
    await client.query(`select ${forget}`)
    for (let number = 0; number < count; number++) {
      await client.query(`select nextval('plain_id_seq')`)
    }
    await local.host.reset(`${count} numbers`)
    expect(await state(), `${count} numbers`).toEqual(baseline)
  }
  // Looking at a sequence counts as well.
  await local.host.reset('looks')
  await client.query('insert into keyless values (null)')
  expect(await local.host.reset('one row')).toMatchObject({ relations: 1 })
})

test('restores row by row where the memory cannot be restored', async () => {
  const engine = await TestEngine.boot({ snapshot, parts: await sharedEngineParts() })
  onTestFinished(() => engine.close())
  const rows = (sql: string): Promise<unknown> => engine.wire.query(sql)
  const baseline = await stateOf(rows)
  for (let round = 1; round <= 2; round++) {
    for (const sql of MESS) await engine.wire.query(sql)
    expect(await stateOf(rows)).not.toEqual(baseline)
    // Without a check, as REFRESH writes to catalogs.
    expect(await engine.restoreRows()).toBeUndefined()
    expect(await engine.restoreRows(true)).toBeGreaterThan(20)
    expect(await stateOf(rows)).toEqual(baseline)
  }
  await engine.wire.query('create table more (id int)')
  expect(await engine.restoreRows(true)).toBeUndefined()
})

test('identities begin anew, and go on after rows of the baseline', async () => {
  for (let round = 1; round <= 2; round++) {
    await local.host.reset('identities')
    const plain = await client.query(`insert into plain (name) values ('x') returning id`)
    const country = await client.query(`insert into countries (code) values ('FR') returning id`)
    expect([plain.rows, country.rows]).toEqual([[{ id: 1 }], [{ id: 3 }]])
  }
})

test.each([
  ['truncate', 'truncate currencies cascade'],
  ['truncate and restart', 'truncate plain, countries restart identity'],
  ['a rolled back insert', `begin; insert into plain (name) values ('x'); rollback`],
  ['an insert that fails', `insert into app.other (mood) values (null); select 1 / 0`],
  ['a restarted sequence', 'alter sequence lone restart 5'],
  ['a set sequence', `select setval('lone', 7)`],
  ['reset statistics', `insert into plain (name) values ('x'); select pg_stat_reset()`],
  [
    'flushed statistics',
    `insert into plain (name) values ('x'); select pg_stat_force_next_flush()`,
  ],
])('sees %s', async (_, sql) => {
  await local.host.reset('before')
  const baseline = await state()
  await client.query(sql).catch(() => {})
  await local.host.reset('after')
  expect(await state()).toEqual(baseline)
})

test('does nothing when nothing was asked, and little when nothing was written', async () => {
  await local.host.reset('first')
  expect(await local.host.reset('second')).toEqual({ kind: 'none', relations: 0, duration: 0 })
  await client.query('select * from countries')
  expect(await local.host.reset('third')).toMatchObject({ kind: 'rows', relations: 0 })
})

test('waits for the statements that a test goes on to send, one upon the other', async () => {
  await local.host.reset('before')
  let sent = 0
  const send = async (): Promise<void> => {
    for (; sent < 20; sent++) await client.query(`insert into plain (name) values ('late')`)
  }
  const sending = send()
  await local.host.reset('after')
  await sending
  expect((await client.query('select from plain')).rowCount).toBe(0)
})

test('puts the session back as well', async () => {
  await client.query(`set search_path to app; set timezone to 'Europe/Berlin'`)
  await client.query('create temp table scratch as select 1 as n; select pg_advisory_lock(7)')
  await client.query('set session authorization app_user')
  expect(await local.host.reset('session')).toMatchObject({ kind: 'full' })
  const { rows } = await client.query(`
    select current_user, current_setting('search_path') as path, current_setting('timezone') as zone,
      to_regclass('pg_temp.scratch') as scratch,
      (select count(*)::int from pg_locks where locktype = 'advisory') as locks`)
  expect(rows).toEqual([
    { current_user: 'postgres', path: '"$user", public', zone: 'UTC', scratch: null, locks: 0 },
  ])
})

test('vacuums a table that has become bloated', async () => {
  const size = async (): Promise<number> => {
    const { rows } = await client.query(`select pg_relation_size('keyless')::int as size`)
    return (rows as [{ size: number }])[0].size
  }
  await client.query(`insert into keyless select repeat('x', 500) from generate_series(1, 2000)`)
  expect(await size()).toBeGreaterThan(64 * 8192)
  await local.host.reset('bloat')
  expect(await size()).toBe(0)
})

test.each([
  ['a table was dropped', `insert into plain (name) values ('x'); drop table countries`],
  ['a table was made', 'create table more (id int)'],
  ['a table was emptied and changed', 'truncate plain; alter table plain add column age int'],
  ['a table was renamed', 'alter table plain rename to plainer'],
  ['a column has another type', 'alter table plain alter column name type varchar(9)'],
  ['row security was switched off', 'alter table secured disable row level security'],
  ['a trigger was switched off', 'alter table noted disable trigger note'],
  [
    'a function has another body',
    `create or replace function refuse() returns trigger language plpgsql as $$ begin return null; end $$`,
  ],
  ['a type has another value', `alter type mood add value 'sad'`],
  ['a schema was made', 'create schema extra'],
  ['everything is gone', 'drop schema public, app cascade'],
  ['the baseline itself is gone', 'drop schema pg_faasjs_baseline cascade'],
  ['a role was made', 'create role somebody'],
  ['a role was changed', `alter role postgres set timezone to 'Asia/Tokyo'`],
  ['the database has settings', `alter database postgres set work_mem to '5MB'`],
  ['the system has settings', `alter system set work_mem to '5MB'`],
  ['something was granted', 'grant select on plain to public'],
  ['a comment was written', `comment on table plain is 'x'`],
  ['an index was made', 'create index on plain (name)'],
  ['a sequence counts otherwise', 'alter sequence lone increment 3'],
  ['a view was made', 'create view seen as select * from plain'],
  ['a large object was made', `select lo_from_bytea(0, 'x')`],
])('restores everything when %s', async (name, sql) => {
  await local.host.reset('before')
  const baseline = [await state(), await catalog()]
  await client.query(sql)
  await client.query(`insert into keyless values ('x')`).catch(() => {})
  expect(await local.host.reset(name)).toMatchObject({ kind: 'full' })
  expect([await state(), await catalog()]).toEqual(baseline)
})

test('restores everything when what is rare was changed', async () => {
  const own = await startHost(await snapshotOf(RARE_THINGS + RARE_THINGS_OF_SUPERUSERS))
  const changing = new pg.Client(own.url)
  await changing.connect()
  onTestFinished(() => changing.end())
  const unseen: string[] = []
  for (const sql of [...RARE_CHANGES, ...RARE_CHANGES_OF_SUPERUSERS, SCHEMA_PUBLISHED]) {
    await own.host.reset('before')
    await changing.query(sql)
    if ((await own.host.reset(sql)).kind !== 'full') unseen.push(sql)
  }
  expect(unseen).toEqual([])
})

test('does not let the log grow: it is in memory', async () => {
  const own = await startHost(snapshot)
  const writer = new pg.Client(own.url)
  await writer.connect()
  onTestFinished(() => writer.end())
  for (let round = 0; round < 8; round++) {
    await writer.query(
      `SELECT pg_logical_emit_message(false, 'test', repeat('x', 8 * 1024 * 1024))`,
    )
    await own.host.reset(undefined)
  }
  const { rows } = await writer.query('SELECT count(*)::int AS files FROM pg_ls_waldir()')
  expect(rows[0].files).toBeLessThan(30)
})

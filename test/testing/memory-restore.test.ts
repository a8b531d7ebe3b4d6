import type { PGlite } from '@electric-sql/pglite'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type RestoreState, saveState } from '../../src/testing/pglite/memory-restore.ts'
import {
  closeIntoSnapshot,
  createPGlite,
  openPGlite,
} from '../../src/testing/pglite/open-pglite.ts'

const SCHEMA = `
create table users (id serial primary key, email text unique, name text);
create table posts (id serial primary key, user_id int references users (id), title text, body jsonb);
create table notes (id int generated always as identity, text text);
create index on posts (title);
create function upper_title() returns trigger language plpgsql as
  $$ begin new.title = upper(new.title); return new; end $$;
create trigger upper_title before insert on posts for each row execute function upper_title();
create materialized view totals as select count(*) as n from users;
insert into users (email, name) select 'e' || g, md5(g::text) from generate_series(1, 300) g;
insert into posts (user_id, title) select g, 'n' || g from generate_series(1, 300) g;
`

// Whatever a database can be asked to do, most of all what no transaction takes back.
const ACTIONS = [
  `insert into users (email) select 'z' || g || random() from generate_series(1, 100) g`,
  'delete from posts where id % 3 = 0',
  `update posts set title = repeat('q', 2000) where id % 4 = 0`,
  'create table extra (id serial primary key, value jsonb)',
  `insert into extra (value) values ('{"a": 1}')`,
  'create index on posts (user_id)',
  `alter table users add column age int default 7`,
  'alter table users rename column name to label',
  'truncate notes restart identity cascade',
  'truncate users cascade',
  'vacuum',
  'vacuum full posts',
  'checkpoint',
  `set work_mem = '7MB'`,
  'create schema other',
  'reindex table posts',
  'select count(*) from (select md5(g::text) m from generate_series(1, 20000) g order by 1) s',
  'drop table if exists posts cascade',
  'drop schema public cascade',
  'begin',
  'commit',
  'rollback',
  'savepoint a',
  'select * from nowhere',
  'create role someone login',
  'alter role postgres set statement_timeout = 5000',
  `alter system set work_mem = '9MB'`,
  'create temp table scratch as select * from users',
  'analyze',
  'select pg_switch_wal()',
  `insert into posts (title, body) values (repeat('b', 50000), jsonb_build_object('a', repeat('c', 50000)))`,
  'create unlogged table fast as select * from users',
  'refresh materialized view totals',
  `select nextval('users_id_seq'), setval('posts_id_seq', 5000)`,
  `select lo_create(0), lo_from_bytea(0, 'x')`,
  'listen somewhere',
  'prepare p as select 1',
  'select pg_advisory_lock(1)',
]

const CATALOGS = [
  'pg_class',
  'pg_attribute',
  'pg_index',
  'pg_constraint',
  'pg_type',
  'pg_proc',
  'pg_authid',
  'pg_db_role_setting',
  'pg_namespace',
  'pg_sequence',
  'pg_trigger',
  'pg_depend',
  'pg_largeobject_metadata',
]

let pglite: PGlite
let restore: RestoreState

beforeAll(async () => {
  const building = await createPGlite()
  await building.exec(SCHEMA)
  pglite = await openPGlite(await closeIntoSnapshot(building))
  // What is loaded later would make the state unrestorable.
  await pglite.exec(`do $$ begin null; end $$; select to_tsvector('english', 'cats')`)
  await state()
  restore = saveState(pglite) ?? (() => false)
})

afterAll(() => pglite.close())

async function state(): Promise<unknown> {
  const facts: unknown[] = []
  for (const catalog of CATALOGS) {
    const { rows } = await pglite.query(
      `select count(*)::int, md5(string_agg(x::text, '' order by x::text)) from ${catalog} x`,
    )
    facts.push([catalog, rows])
  }
  for (const table of ['users', 'posts', 'notes', 'totals']) {
    facts.push([table, (await pglite.query(`select t::text from ${table} t order by 1`)).rows])
  }
  const session = `select (select (last_value, is_called)::text from users_id_seq) a, (select (last_value, is_called)::text from posts_id_seq) b,
    current_setting('work_mem') c, (select count(*)::int from pg_locks where locktype = 'advisory') d,
    (select count(*)::int from pg_prepared_statements) e, to_regclass('pg_temp.scratch')::text f,
    (select count(*)::int from pg_listening_channels()) g, (select count(*)::int from pg_largeobject) h`
  facts.push((await pglite.query(session)).rows)
  return facts
}

const runs = Number(process.env['PROPERTY_RUNS'] ?? 20)

test('everything is as it was, whatever was done', { timeout: 60_000 + runs * 2000 }, async () => {
  const before = await state()
  expect(restore()).toBe(true)
  const actions = fc.array(fc.constantFrom(...ACTIONS), { minLength: 1, maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(actions, async (statements) => {
      for (const sql of statements) await pglite.exec(sql).catch(() => {})
      expect(restore()).toBe(true)
      expect(await state()).toEqual(before)
      restore()
    }),
    { numRuns: runs },
  )
})

test('the memory may have grown meanwhile', async () => {
  const before = await state()
  await pglite.exec(`set work_mem = '200MB';
    select count(*) from (select repeat(md5(g::text), 10) m from generate_series(1, 200000) g order by 1) s`)
  expect(restore()).toBe(true)
  expect(await state()).toEqual(before)
})

test('refuses when a library was loaded since', async () => {
  const other = await openPGlite(await closeIntoSnapshot(await createPGlite()))
  const restoreOther = saveState(other)
  await other.exec('do $$ begin null; end $$')
  expect(restoreOther?.()).toBe(false)
  await other.close()
})

test('is not offered for an engine whose start nobody watched', async () => {
  const plain = await createPGlite()
  expect(saveState(plain)).toBeUndefined()
  await plain.close()
})

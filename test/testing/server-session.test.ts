import { PGlite } from '@electric-sql/pglite'
import type pg from 'pg'
import { afterEach, beforeAll, expect, onTestFinished, test, vi } from 'vitest'

import { DEFAULT_MODES } from '../../src/testing/host/modes.ts'
import { column, connectTo, rawClientOf } from './clients.ts'
import { type LocalHost, snapshotOf, startHost } from './helpers.ts'
import { frontend } from './raw-client.ts'

let local: LocalHost

beforeAll(async () => {
  local = await startHost(
    await snapshotOf(`
      create table notes (id serial primary key);
      create role app_user; create role auditor; grant auditor to app_user;
      create function become(int) returns void language sql as
        $$ select set_config('app.current_user', $1::text, false) $$;
    `),
  )
})

afterEach(() => local.host.reset('next'))

/** Each client's answers to a query, asked twice by turns. */
async function byTurns(clients: pg.Client[], sql: string): Promise<unknown[]> {
  const answers: unknown[] = []
  for (const client of [...clients, ...clients]) answers.push(...(await column(client, sql)))
  return answers
}

test.each([
  ['a setting', `set work_mem = '5MB'`, `select current_setting('work_mem')`, '5MB', '4MB'],
  [
    'the search path',
    'set search_path to pg_temp, public',
    'show search_path',
    'pg_temp, public',
    '"$user", public',
  ],
  ['the time zone', `set time zone 'Asia/Tokyo'`, 'show timezone', 'Asia/Tokyo', 'UTC'],
  ['the user', 'set session authorization app_user', 'select session_user', 'app_user', 'postgres'],
  ['the role', 'set role auditor', 'select current_user', 'auditor', 'postgres'],
  ['the name', `set application_name = 'mine'`, 'show application_name', 'mine', ''],
  [
    'a setting of its own',
    `set app.tenant = '7'`,
    `select coalesce(current_setting('app.tenant', true), '')`,
    '7',
    '',
  ],
  [
    'a setting by function',
    `select set_config('app.tenant', '8', false)`,
    `select coalesce(current_setting('app.tenant', true), '')`,
    '8',
    '',
  ],
  [
    'a setting in a function of the baseline',
    'select become(9)',
    `select coalesce(current_setting('app.current_user', true), '')`,
    '9',
    '',
  ],
  [
    'a setting in a block',
    `do $$ begin set work_mem = '6MB'; end $$`,
    'show work_mem',
    '6MB',
    '4MB',
  ],
  [
    'a setting after a comment',
    `/* x */ select 1; -- y\nset work_mem = '7MB'`,
    'show work_mem',
    '7MB',
    '4MB',
  ],
])('%s belongs to the connection that made it', async (_, change, show, own, others) => {
  const [a, b] = [await connectTo(local), await connectTo(local)]
  await b.query('select 1')
  await a.query(change)
  expect(await byTurns([a, b], show)).toEqual([own, others, own, others])
  const c = await connectTo(local)
  expect(await byTurns([a, c, b], show)).toEqual([own, others, others, own, others, others])
})

test('a parameterised set_config, too, and what a function made later does', async () => {
  const [a, b] = [await connectTo(local), await connectTo(local)]
  await a.query('select set_config($1, $2, false)', ['app.id', 'x'])
  const show = `select coalesce(current_setting('app.id', true), '')`
  expect(await byTurns([b, a], show)).toEqual(['', 'x', '', 'x'])
  await b.query(
    `create function later() returns void language plpgsql as
       $$ begin perform set_config('work_mem', '9MB', false); end $$`,
  )
  await b.query('select later()')
  expect(await byTurns([a, b], 'show work_mem')).toEqual(['4MB', '9MB', '4MB', '9MB'])
})

test('a transaction takes its settings with it: SET LOCAL, and a SET that is rolled back', async () => {
  const [a, b] = [await connectTo(local), await connectTo(local)]
  await a.query(`begin; set local work_mem = '5MB'; set app.tenant = '1'`)
  await a.query('rollback')
  const show = `select current_setting('work_mem') || coalesce(current_setting('app.tenant', true), '')`
  expect(await byTurns([b, a], show)).toEqual(['4MB', '4MB', '4MB', '4MB'])
})

test.each([
  'reset all',
  'discard all',
  'reset work_mem; RESET Application_Name',
  `set work_mem = '6MB'; reset work_mem`,
])('%s leads to the settings of the start', async (sql) => {
  const options = `-c work_mem=5MB -c app.quote=it's\\;`
  const client = await connectTo(local, { application_name: 'app', options })
  await client.query(sql)
  const other = await connectTo(local)
  const show = `select current_setting('work_mem') || current_setting('application_name')
      || coalesce(current_setting('app.quote', true), '')`
  expect(await byTurns([client, other], show)).toEqual([`5MBappit's;`, '4MB', `5MBappit's;`, '4MB'])
})

test('costs nothing while nobody changes anything: no statement of the server in between', async () => {
  // Without functions that change settings: there it costs one query for each change of turns.
  const plain = await startHost(snapshotOf('create table notes (id serial primary key)'))
  const [a, b] = [await connectTo(plain), await connectTo(plain)]
  await a.query('select 1')
  const run = vi.spyOn(PGlite.prototype, 'execProtocolRawStream')
  onTestFinished(() => run.mockRestore())
  for (let turn = 0; turn < 3; turn++) {
    await a.query('insert into notes default values')
    await b.query('update notes set id = id where id = $1', [1])
  }
  expect(run).toHaveBeenCalledTimes(6)
})

test('temporary tables, their indexes, sequences and views belong to their connection', async () => {
  const [a, b] = [await connectTo(local), await connectTo(local)]
  await a.query('create temp table scratch (id serial primary key, who text)')
  await a.query(`create temp view seen as select who from scratch`)
  await a.query(`insert into scratch (who) values ('a')`)
  await expect(b.query('select * from scratch')).rejects.toMatchObject({ code: '42P01' })
  await b.query('create temp table scratch (id serial primary key, who text)')
  await b.query(`insert into scratch (who) values ('b'), ('b')`)
  expect(await byTurns([a, b], 'select count(*)::int from scratch')).toEqual([1, 2, 1, 2])
  expect(await column(a, 'select who from seen')).toEqual(['a'])
  expect(await column(a, `insert into scratch (who) values ('again') returning id`)).toEqual([2])
  await expect(b.query('select * from seen')).rejects.toMatchObject({ code: '42P01' })
  await a.query('drop table scratch cascade')
  expect(await column(b, 'select count(*)::int from scratch')).toEqual([2])
})

test('at a disconnect everything goes', async () => {
  const stays = await connectTo(local)
  await stays.query(`create temp table kept (n int); select pg_advisory_lock(1)`)
  for (const isCurrent of [true, false]) {
    const goes = await rawClientOf(local)
    for (const sql of [
      'create temp table scratch (id serial primary key)',
      'select pg_advisory_lock(77), pg_advisory_lock(77), pg_advisory_lock_shared(-7, -8)',
      `set work_mem = '5MB'; set session authorization app_user`,
    ]) {
      await goes.ask(frontend.query(sql))
    }
    if (!isCurrent) await stays.query('select 1')
    goes.socket.destroy()
    const left = `select (select count(*) from pg_class where relpersistence = 't' and relkind = 'r')
      || ' ' || (select string_agg(objid::text, ',') from pg_locks where locktype = 'advisory')
      || ' ' || current_setting('work_mem') || ' ' || session_user`
    await expect.poll(() => column(stays, left)).toEqual(['1 1 4MB postgres'])
  }
  expect(await column(stays, 'select count(*)::int from kept')).toEqual([0])
})

test('a connection that goes while another is in a transaction is cleaned up after it', async () => {
  const stays = await connectTo(local)
  const goes = await rawClientOf(local)
  await goes.ask(frontend.query('create temp table scratch (n int); select pg_advisory_lock(5)'))
  await stays.query('begin')
  goes.socket.destroy()
  await stays.query('select 1')
  await stays.query('commit')
  const left = `select (select count(*) from pg_class where relpersistence = 't')
    || ' ' || (select count(*) from pg_locks where locktype = 'advisory')`
  await expect.poll(() => column(stays, left)).toEqual(['0 0'])
})

const STATE = `select current_setting('application_name') || ' ' || current_setting('work_mem')
  || ' ' || current_user || coalesce(to_regclass('scratch')::text, '') as state`
const CHANGES = `set application_name = 'changed'; set work_mem = '5MB'; set role auditor`

test('a reset takes what a test set back to what the connection began with', async () => {
  await local.host.reset('first')
  const client = await connectTo(local, { application_name: 'app' })
  await client.query('select 1')
  await client.query(CHANGES)
  await client.query('create temp table scratch (n int)')
  await local.host.reset('next')
  expect(
    await byTurns([client, await connectTo(local, { application_name: 'app' })], STATE),
  ).toEqual(Array.from({ length: 4 }, () => 'app 4MB postgres'))
})

test.each([['insert into notes values (1)'], ['create table more (n int)']])(
  'what a connection sets before anything else belongs to it, and RESET leads behind it: %s',
  async (write) => {
    await local.host.reset('first')
    const client = await connectTo(local, { application_name: 'app' })
    const other = await connectTo(local, { application_name: 'app' })
    await client.query('select version()')
    await client.query(CHANGES)
    const states = ['changed 5MB auditor', 'app 4MB postgres']
    expect(await byTurns([client, other], STATE)).toEqual([...states, ...states])
    await other.query('create table if not exists notes (n int)')
    await other.query(write)
    await local.host.reset('next')
    expect(await byTurns([client, other], STATE)).toEqual([...states, ...states])
    await client.query('reset all; reset role')
    expect((await client.query<{ state: string }>(STATE)).rows).toEqual([
      { state: 'app 4MB postgres' },
    ])
    await local.host.reset('last')
    expect(await byTurns([client, other], STATE)).toEqual([...states, ...states])
  },
)

test('what a connection sets before the first test belongs to it', async () => {
  await local.host.enter('', DEFAULT_MODES)
  const client = await connectTo(local, { application_name: 'app' })
  await client.query('select 1')
  await client.query(CHANGES)
  await local.host.reset('first')
  await client.query(`set work_mem = '6MB'`)
  await local.host.reset('next')
  expect((await client.query<{ state: string }>(STATE)).rows).toEqual([
    { state: 'changed 5MB auditor' },
  ])
})

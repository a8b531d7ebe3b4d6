import { afterEach, beforeAll, expect, test } from 'vitest'

import { column, connectTo } from './clients.ts'
import { type LocalHost, snapshotOf, startHost } from './helpers.ts'

let local: LocalHost

beforeAll(async () => {
  local = await startHost(await snapshotOf('create table notes (id serial primary key, body text)'))
})

afterEach(() => local.host.reset('next'))

test('functions and sequences in pg_temp belong to their connection', async () => {
  const [a, b] = [await connectTo(local), await connectTo(local)]
  await a.query(`create function pg_temp.f(n int, text) returns int language sql as 'select n'`)
  await a.query('create temp sequence s start 5')
  await expect(b.query(`select pg_temp.f(1, 'x')`)).rejects.toMatchObject({ code: '42883' })
  await expect(b.query(`select nextval('s')`)).rejects.toMatchObject({ code: '42P01' })
  await b.query(`create function pg_temp.f(n int, text) returns int language sql as 'select -n'`)
  expect(await column(a, `select pg_temp.f(1, 'x')`)).toEqual([1])
  expect(await column(b, `select pg_temp.f(1, 'x')`)).toEqual([-1])
  expect(await column(a, `select nextval('s')::int`)).toEqual([5])
  await a.end()
  await expect
    .poll(() => column(b, `select proname from pg_proc where pronamespace = pg_my_temp_schema()`))
    .toEqual(['f'])
})

test('statements that SQL prepares belong to their connection', async () => {
  const [a, b] = [await connectTo(local), await connectTo(local)]
  await a.query(`prepare mine (int) as select 'a' || $1`)
  await expect(b.query('execute mine(1)')).rejects.toMatchObject({ code: '26000' })
  await b.query(`select 1; PREPARE "mine" AS SELECT 'b'; EXPLAIN ANALYZE execute mine`)
  expect(await column(a, '/* x */ execute Mine(2)')).toEqual(['a2'])
  expect(await column(b, 'execute mine')).toEqual(['b'])
  await b.query('create temp table made as execute mine; deallocate prepare mine')
  await b.query(`create function pg_temp.t() returns trigger language plpgsql as $$ begin execute 'select 1'; return new; end $$;
    create trigger t before insert on made for each row execute function pg_temp.t();
    insert into made values ('x'); prepare other as select 1`)
  await expect(b.query('execute mine')).rejects.toMatchObject({ code: '26000' })
  expect(await column(a, 'execute mine(3)')).toEqual(['a3'])
  // One name space with those of the protocol, as in PostgreSQL.
  await a.query({ name: 'named', text: 'select 5' })
  expect(await column(a, 'execute named')).toEqual([5])
  await b.end()
  await expect
    .poll(() => column(a, 'select count(*)::int from pg_prepared_statements where from_sql'))
    .toEqual([1])
})

test.each(['discard all', 'DISCARD ALL;', 'discard temp'])(
  '%s concerns its own connection only',
  async (sql) => {
    const isAll = /all/i.test(sql)
    const [a, b] = [await connectTo(local), await connectTo(local)]
    for (const [client, key] of [
      [a, 1],
      [b, 2],
    ] as const) {
      await client.query(`create temp table scratch (id serial, n int)`)
      await client.query(`create function pg_temp.f() returns int language sql as 'select 1'`)
      await client.query(`select pg_advisory_lock(${key}); set work_mem = '5MB'`)
      await client.query('listen news')
    }
    const named = { name: 'count', text: 'select count(*)::int as n from notes' }
    await a.query(named)
    await b.query(named)
    // By the extended protocol, too.
    await b.query({ text: sql, queryMode: 'extended' } as { text: string })
    const state = `select concat_ws(' ', to_regclass('pg_temp.scratch'), to_regproc('pg_temp.f'),
      current_setting('work_mem'), (select count(*) from pg_listening_channels()))`
    expect(await column(a, state)).toEqual([expect.stringMatching(/scratch .*f 5MB/)])
    expect(await column(b, state)).toEqual([expect.stringMatching(isAll ? /^4MB/ : /^5MB/)])
    expect(await column(b, 'select pg_try_advisory_lock(1)')).toEqual([false])
    expect(await column(a, 'select pg_try_advisory_lock(2)')).toEqual([isAll])
    expect((await a.query(named)).rows).toEqual([{ n: 0 }])
    const heard: string[] = []
    a.on('notification', ({ payload }) => heard.push(`a ${payload}`))
    b.on('notification', ({ payload }) => heard.push(`b ${payload}`))
    const c = await connectTo(local)
    await c.query(`notify news, 'x'`)
    await a.query('select 1')
    await b.query('select 1')
    expect(heard.toSorted()).toEqual(isAll ? ['a x'] : ['a x', 'b x'])
  },
)

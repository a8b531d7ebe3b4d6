// From the build: a server needs compiled threads.
import { createTestDatabase, type TestDatabase } from '@faasjs/pg/testing'
import type pg from 'pg'
import postgres from 'postgres'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest'

import { connect as connectTo } from '../../helpers/connect.ts'

let database: TestDatabase

// A private server asks for a password.
beforeAll(async () => {
  database = await createTestDatabase({
    engine: 'postgres',
    migrations: 'test/testing/fixtures/migrations',
    reset: 'transaction',
  })
})
afterAll(() => database.close())
beforeEach(() => database.reset())

const connect = (url = database.url): Promise<pg.Client> => connectTo(url)

async function countRoles(client: pg.Client): Promise<unknown> {
  return (await client.query('select count(*)::int as n from roles')).rows[0]
}

test('the server decides who may connect', async () => {
  const wrong = new URL(database.url)
  wrong.password = 'wrong'
  await expect(connect(wrong.href)).rejects.toMatchObject({ code: '28P01' })
  expect(await countRoles(await connect())).toEqual({ n: 2 })
})

test('a wait that cannot end is an error that says why', async () => {
  const [first, second] = [await connect(), await connect()]
  await first.query('begin')
  await first.query(`insert into roles (name) values ('x')`)
  await expect(countRoles(second)).rejects.toMatchObject({
    code: '55P03',
    message: expect.stringContaining("reset: 'transaction' has one session for all connections"),
  })
  await first.query('commit')
  expect(await countRoles(second)).toEqual({ n: 3 })
})

test('a statement can be cancelled, and nothing else is lost', async () => {
  const client = await connect()
  await client.query(`insert into roles (name) values ('x')`)
  const sql = postgres(database.url, { max: 1 })
  onTestFinished(() => sql.end())
  await sql`select 1`
  const endless = sql`select pg_sleep(3600)`.execute()
  const cancelled = endless.catch((error: unknown) => error)
  // It must have begun: the session is one, so nobody else can ask.
  await new Promise((resolve) => setTimeout(resolve, 500))
  endless.cancel()
  expect(await cancelled).toMatchObject({ code: '57014' })
  expect(await countRoles(client)).toEqual({ n: 3 })
})

test('a reset ends a statement that nobody waits for', async () => {
  const client = await connect()
  const endless = client.query('select pg_sleep(3600)').catch((error: unknown) => error)
  // What has not arrived is of the next test.
  await new Promise((resolve) => setTimeout(resolve, 500))
  await database.reset()
  expect(await endless).toMatchObject({ code: '57014' })
  expect(await countRoles(client)).toEqual({ n: 2 })
})

test('a session that has committed something stays, with nothing of the test in it', async () => {
  const [first, second] = [await connect(), await connect()]
  await first.query(`set application_name = 'mine'`)
  await database.reset()
  await first.query(`
    create temporary table drafts as select 1;
    declare names cursor with hold for select name from roles;
    set search_path = pg_catalog;
    select pg_advisory_lock(1)`)
  await second.query(`insert into roles (name) values ('x')`)
  await database.publish()
  expect(await countRoles(second)).toEqual({ n: 3 })
  await database.reset()
  for (const client of [first, second]) {
    expect(await countRoles(client)).toEqual({ n: 2 })
    expect(
      (
        await client.query(`select current_setting('search_path') as path,
          (select count(*)::int from pg_class where relpersistence = 't') as temporary,
          (select count(*)::int from pg_cursors where is_holdable) as cursors,
          (select count(*)::int from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()) as locks`)
      ).rows,
    ).toEqual([{ path: '"$user", public', temporary: 0, cursors: 0, locks: 0 }])
  }
  expect((await first.query('show application_name')).rows).toEqual([{ application_name: 'mine' }])
  // They are in a transaction again.
  const id = 'select pg_current_xact_id()::text as id'
  expect((await first.query(id)).rows).toEqual((await second.query(id)).rows)
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

// From the build: migrations run in a thread, whose module is a compiled file.
import { createTestDatabase, type TestDatabase, type TestDatabaseOptions } from '@faasjs/pg/testing'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest'

import { ServerRun } from '../../../src/testing/postgres/server-run.ts'
import { connect } from '../../helpers/connect.ts'
import { createPlainRole } from '../../helpers/plain-role.ts'

const fixtures = resolve('test/testing/fixtures')

let cache = ''

beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'faasjs-pg-cache-'))
  vi.stubEnv('FAASJS_PG_CACHE', cache)
})
afterAll(() => rm(cache, { recursive: true }))

describe.each([
  ['private', (): TestDatabaseOptions => ({ engine: 'postgres' })],
  ['url', (): TestDatabaseOptions => ({ url: inject('postgresAdminUrl'), engine: 'postgres' })],
])('on a server: %s', (_, engine) => {
  async function create(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
    const database = await createTestDatabase({
      migrations: `${fixtures}/migrations`,
      ...engine(),
      ...options,
    })
    onTestFinished(() => database.close())
    return database
  }

  test('a database is migrated, and put back by a reset', async () => {
    const database = await create()
    const client = await connect(database.url)
    const roles = async (): Promise<unknown> =>
      (await client.query('select id, name from roles order by id')).rows
    const before = await roles()
    expect(before).toHaveLength(2)
    for (let round = 0; round < 2; round++) {
      await client.query(`delete from roles where id = 1`)
      const { rows } = await client.query(`insert into roles (name) values ('guest') returning id`)
      expect(rows).toEqual([{ id: 3 }])
      await database.reset()
      expect(await roles()).toEqual(before)
    }
  })

  test('a reset ends what is in a transaction, and leaves idle sessions alone', async () => {
    const database = await create()
    const [idle, writing, running] = [
      await connect(database.url),
      await connect(database.url),
      await connect(database.url),
    ]
    await idle.query(`prepare kept as select count(*)::int as n from roles`)
    await writing.query('begin')
    await writing.query(`insert into roles (name) values ('late')`)
    const endless = running.query('select pg_sleep(3600)').catch((error: Error) => error)
    await vi.waitUntil(async () => {
      const active = await idle.query(
        `select from pg_stat_activity where query ~ '^select pg_sleep'`,
      )
      return active.rowCount === 1
    })
    await database.reset()
    expect(await endless).toBeInstanceOf(Error)
    await expect(writing.query('commit')).rejects.toThrow(/terminat|not queryable/)
    expect((await idle.query('execute kept')).rows).toEqual([{ n: 2 }])
  })

  test('a reset gets past a lock that a test has left', async () => {
    const database = await create()
    const client = await connect(database.url)
    await client.query('begin; lock table roles in access exclusive mode')
    const other = await connect(database.url)
    await other.query(`select set_config('lock_timeout', '0', false)`)
    const waiting = other.query('select from roles').catch(() => {})
    await database.reset()
    await waiting
    const fresh = await connect(database.url)
    expect((await fresh.query('select from roles')).rowCount).toBe(2)
  })

  test('what a test does to the schema is gone, too', async () => {
    const database = await create()
    const client = await connect(database.url)
    await client.query('create table mine (); alter table roles add column extra text')
    await database.reset()
    const fresh = await connect(database.url)
    const sql = `select to_regclass('mine') as mine, to_jsonb(r) ? 'extra' as extra from roles r limit 1`
    expect((await fresh.query(sql)).rows).toEqual([{ mine: null, extra: false }])
  })

  test('several at a time have databases of their own', async () => {
    const databases = await Promise.all([create(), create(), create()])
    const clients = await Promise.all(databases.map(({ url }) => connect(url)))
    await Promise.all(
      clients.map((client, index) =>
        client.query(`insert into roles (name) values ($1)`, [`guest ${index}`]),
      ),
    )
    for (const client of clients) {
      expect((await client.query('select from roles')).rowCount).toBe(3)
    }
  })

  test('a migration that fails is the error, and leaves nothing behind', async () => {
    const failing = create({ migrations: `${fixtures}/broken-migrations` })
    await expect(failing).rejects.toMatchObject({
      code: 'FAASJS_PG_STATEMENT_FAILED',
      details: { sqlState: '42601', migration: '20260101000000000-create-roles' },
    })
    const ending = create({ migrations: `${fixtures}/exiting-migrations` })
    await expect(ending).rejects.toMatchObject({ code: 'FAASJS_PG_SNAPSHOT_FAILED' })
  })

  test('nothing of it is there when it is closed, and it can be closed twice', async () => {
    const database = await create({ cache: false })
    await database.close()
    await database.close()
    await expect(connect(database.url)).rejects.toThrow(/ECONNREFUSED|does not exist/)
    await expect(database.reset()).rejects.toMatchObject({ code: 'FAASJS_PG_TEST_DATABASE_FAILED' })
  })

  test('a snapshot puts everything back, the schema included', async () => {
    const database = await create()
    const names = async (): Promise<unknown> => {
      const client = await connect(database.url)
      const { rows } = await client.query('select name from roles order by id')
      await client.end()
      return rows.map((row: { name: string }) => row.name)
    }
    const baseline = await names()
    const client = await connect(database.url)
    await client.query(`insert into roles (name) values ('guest')`)
    await client.query('begin')
    await expect(database.snapshot()).rejects.toMatchObject({
      code: 'FAASJS_PG_TEST_TRANSACTION_OPEN',
    })
    await client.query('rollback')
    const snapshot = await database.snapshot()
    const other = await connect(database.url)
    await other.query('drop table roles')
    await database.restore(snapshot)
    expect(await names()).toContain('guest')
    await database.reset()
    expect(await names()).toEqual(baseline)
    await snapshot.release()
    await snapshot.release()
    await expect(database.restore(snapshot)).rejects.toMatchObject({
      code: 'FAASJS_PG_SNAPSHOT_UNUSABLE',
    })
  })
})

test('a role that may create databases is enough', async () => {
  const database = await createTestDatabase({
    url: await createPlainRole(),
    engine: 'postgres',
    migrations: `${fixtures}/migrations`,
  })
  try {
    const client = await connect(database.url)
    await client.query(`delete from roles where id = 1; insert into roles (name) values ('guest')`)
    await database.reset()
    expect((await client.query('select id from roles order by id')).rows).toEqual([
      { id: 1 },
      { id: 2 },
    ])
  } finally {
    await database.close()
  }
})

test.each([
  ['side by side', 10],
  ['one after the other where there is no room for another connection', 1],
])('databases are made %s', async (_, limit) => {
  const url = await createPlainRole()
  const admin = await connect(inject('postgresAdminUrl'))
  await admin.query(`alter role ${new URL(url).username} connection limit ${limit}`)
  const run = await ServerRun.open(url)
  onTestFinished(() => run.close())
  const names = ['a', 'b', 'c'].map((slot) => run.nameOf(slot))
  await Promise.all(names.map((name) => run.databases.create(name, 'template0')))
  expect(await run.databases.list()).toEqual(expect.arrayContaining(names))
})

test('a private server is reached by a Unix socket where that is asked for', async () => {
  const database = await createTestDatabase({
    engine: 'postgres',
    connection: 'socket',
    migrations: `${fixtures}/migrations`,
  })
  onTestFinished(() => database.close())
  expect(database.parameters.host).toMatch(/^\//)
  const { host, port, user, database: name } = database.parameters
  const client = new pg.Client({ host, port, user, database: name })
  await client.connect()
  expect((await client.query('select from roles')).rowCount).toBe(2)
  await client.end()
})

test('a private server lets nobody in without its password', async () => {
  const database = await createTestDatabase({
    engine: 'postgres',
    migrations: `${fixtures}/migrations`,
  })
  onTestFinished(() => database.close())
  const wrong = new URL(database.url)
  wrong.password = 'postgres'
  await expect(connect(wrong.href)).rejects.toThrow('password authentication failed')
})

test('E5 a database that can be neither reset nor cloned is an error, with a table of its sessions', async () => {
  const database = await createTestDatabase({
    engine: 'postgres',
    url: inject('postgresAdminUrl'),
    migrations: `${fixtures}/migrations`,
  })
  const client = new pg.Client({ connectionString: database.url, application_name: 'shop' })
  client.on('error', () => {})
  await client.connect()
  onTestFinished(() => client.end().catch(() => {}))
  // PostgreSQL drops no database with that, whoever asks.
  await client.query(`create table more ();
    create subscription news connection '' publication p with (connect = false, slot_name = none)`)
  const failure: unknown = await database.reset().catch((error: unknown) => error)
  const name = new URL(database.url).pathname.slice(1)
  expect(failure).toMatchObject({
    code: 'FAASJS_PG_RESET_FAILED',
    message: expect.stringMatching(
      new RegExp(`note (?:nobody is connected to ${name}|sessions of ${name}:)`),
    ),
  })
  const last = await connect(database.url)
  const run = await ServerRun.open(inject('postgresAdminUrl'))
  expect(await run.databases.sessions(name)).toMatch(
    /^sessions of .*:\nsession +role +application +state +waits for +last query\n\d+ /,
  )
  await run.close()
  await last.query('drop subscription news')
  await last.end()
  await database.close()
})

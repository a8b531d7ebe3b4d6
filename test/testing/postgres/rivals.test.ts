import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'

import { createTestDatabase, type TestDatabase } from '@faasjs/pg/testing'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'

import { endSessions } from '../../../src/testing/postgres/clone.ts'
import { Connection } from '../../../src/testing/postgres/connection.ts'
import { connect } from '../../helpers/connect.ts'
import { createPlainRole } from '../../helpers/plain-role.ts'
import { type PostgresServer, startPostgres } from '../../helpers/postgres-server.ts'

const migrations = resolve('test/testing/fixtures/rival-migrations')
let server: PostgresServer
let logFile = ''
let logged = 0

beforeAll(async () => {
  server = await startPostgres({
    settings: {
      // For sessions that no reset looks at: those of a replication client, which may send SQL as well.
      wal_level: 'replica',
      max_wal_senders: '3',
      default_transaction_isolation: 'repeatable read',
      deadlock_timeout: '50ms',
      log_error_verbosity: 'verbose',
    },
  })
  const client = new pg.Client(server.adminUrl)
  await client.connect()
  const { rows } = await client.query<{ data: string }>(
    `select current_setting('data_directory') as data`,
  )
  await client.end()
  logFile = resolve(rows[0]?.data ?? '', '../log')
})
afterAll(() => server.stop())

beforeEach(async () => void (logged = (await readFile(logFile, 'utf8')).length))

/** The SQLSTATEs that the server has written to its log since the test began, of statements of ours. */
async function failures(): Promise<string[]> {
  const text = (await readFile(logFile, 'utf8')).slice(logged)
  const errors = text.matchAll(/ERROR: {2}(\w{5}): /g)
  return [...errors].map(([, state = '']) => state)
}

async function create(url = server.adminUrl): Promise<TestDatabase> {
  const database = await createTestDatabase({ engine: 'postgres', url, migrations })
  onTestFinished(() => database.close())
  return database
}

/** A session in a transaction that a reset does not end, of the server's owner. */
async function startRival(database: TestDatabase): Promise<pg.Client> {
  const url = new URL(server.adminUrl)
  url.pathname = new URL(database.url).pathname
  const replication = { replication: 'database', application_name: 'rival' }
  const rival = await connect(url.href, replication)
  // It never finds out by itself that there is a deadlock.
  await rival.query(`set deadlock_timeout = '1h'`)
  await rival.query('begin')
  return rival
}

/** Has a reset work to do: a row of the baseline is gone, another one is new. */
async function write(database: TestDatabase): Promise<pg.Client> {
  const client = await connect(database.url)
  await client.query(`delete from early`)
  await client.query(`insert into late values ('new')`)
  return client
}

/** A reset is in the middle of its work: it has the first table. */
async function untilEarly(client: pg.Client): Promise<void> {
  const sql = `select from pg_locks where relation = 'early'::regclass and mode = 'RowExclusiveLock'`
  await vi.waitUntil(async () => (await client.query(sql)).rowCount === 1, { timeout: 30_000 })
}

async function look(client: pg.Client): Promise<unknown> {
  const { rows } = await client.query<object>(
    `select (select string_agg(name, ' ') from early) as early, (select count(*)::int from late) as late,
       (select oid::int from pg_database where datname = current_database()) as id`,
  )
  return rows[0]
}

const baseline = { early: 'first', late: 0 }

test('E5 a reset that is the victim of a deadlock is done again', async () => {
  const database = await create()
  const client = await write(database)
  const before = await look(client)
  const rival = await startRival(database)
  await rival.query('lock table late in exclusive mode')
  const reset = database.reset()
  await untilEarly(client)
  await rival.query('lock table early in exclusive mode')
  await rival.query('rollback')
  await reset
  expect((await failures())[0]).toBe('40P01')
  // In the same database.
  expect(await look(client)).toEqual({ ...(before as object), ...baseline })
})

test('E5 a reset that sees what another session has overtaken is done again', async () => {
  const database = await create()
  const client = await write(database)
  const before = await look(client)
  const rival = await startRival(database)
  await rival.query(`update late set name = 'newer'`)
  const reset = database.reset()
  await untilEarly(client)
  await rival.query('commit')
  await reset
  expect(await failures()).toEqual(['40001'])
  expect(await look(client)).toEqual({ ...(before as object), ...baseline })
})

test('E5 a lock that stays in the way is got rid of after three attempts, with the database', async () => {
  const database = await create()
  const client = await write(database)
  const before = await look(client)
  const rival = await startRival(database)
  await rival.query('lock table early in exclusive mode')
  await database.reset()
  expect(await failures()).toEqual(['55P03', '55P03', '55P03'])
  const after = await look(await write(database))
  expect(after).toMatchObject({ late: 1 })
  expect(after).not.toMatchObject({ id: (before as { id: number }).id })
})

test('E5 where that cannot be done it is an error, with a table of the sessions', async () => {
  const database = await create(await createPlainRole(server.adminUrl))
  await write(database)
  const rival = await startRival(database)
  await rival.query('lock table early in exclusive mode')
  const failure: unknown = await database.reset().catch((error: unknown) => error)
  expect(failure).toMatchObject({
    code: 'FAASJS_PG_RESET_FAILED',
    message: expect.stringMatching(
      /rows could not be put back: canceling statement due to lock timeout; then[^]*\n +\d+ +postgres +rival +<insufficient/,
    ),
  })
  // And not what the role may not do to the rival.
  const states = (await failures()).filter((state) => state !== '42501')
  expect(states).toEqual(['55P03', '55P03', '55P03'])
  await rival.end()
  await database.reset()
  expect(await look(await connect(database.url))).toMatchObject(baseline)
})

test('E5 the session of a superuser keeps a plain role from nothing but a new database', async () => {
  const database = await create(await createPlainRole(server.adminUrl))
  const client = await write(database)
  const url = new URL(server.adminUrl)
  url.pathname = new URL(database.url).pathname
  const admin = await connect(url.href, { application_name: 'admin' })
  await admin.query('begin')
  await database.reset()
  expect(await look(client)).toMatchObject(baseline)
  // What another worker does when it takes the database.
  const connection = new Connection({ url: database.url })
  await endSessions({ connection })
  await connection.close()
  await expect(client.query('select')).rejects.toThrow(/terminat|not queryable/)
  await (await connect(database.url)).query('create table more ()')
  await expect(database.reset()).rejects.toMatchObject({
    code: 'FAASJS_PG_RESET_FAILED',
    message: expect.stringMatching(/\n +\d+ +postgres +admin +<insufficient/),
  })
  await admin.end()
  await database.reset()
  expect(await look(await connect(database.url))).toMatchObject(baseline)
})

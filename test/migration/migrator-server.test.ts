import { Client, Pool } from 'pg'
import { expect, onTestFinished, test } from 'vitest'

import type { MigrationEvent } from '../../src/migration/events.ts'
import { lockKey } from '../../src/migration/lock.ts'
import { Migrator } from '../../src/migration/migrator.ts'
import type { MigratorOptions } from '../../src/migration/migrator.ts'
import { createProject, creates } from './project.ts'
import { emptyDatabase, recorded, tables } from './test-database.ts'
import { transactionPooler } from './transaction-pooler.ts'

function migratorOf(options: MigratorOptions): Migrator {
  const migrator = new Migrator(options)
  onTestFinished(() => migrator.close())
  return migrator
}

/** A connection of the test's own. */
async function connect(url: string | undefined): Promise<Client> {
  const client = new Client({ connectionString: url, application_name: 'the-test' })
  client.on('error', () => undefined)
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

/** Waits until something is true of the database. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20))
}

const names = (runs: readonly { readonly name: string }[]): string[] => runs.map(({ name }) => name)

const sleeps = `export function up(builder) {
  builder.raw('CREATE TABLE slept ()')
  builder.raw('SELECT pg_sleep(60)')
}`

test('two at once: each file is applied once, the second finds nothing pending (U5)', async () => {
  const database = await emptyDatabase('postgres')
  const files = Object.fromEntries(
    Array.from({ length: 20 }, (_, index) => [`${index + 10}.mjs`, creates(`t${index}`)]),
  )
  const { folder } = createProject(files)
  const runs = await Promise.all(
    Array.from({ length: 4 }, () => migratorOf({ ...database.options, folder }).migrate()),
  )
  expect(runs.map(({ applied }) => applied.length).toSorted((a, b) => a - b)).toEqual([0, 0, 0, 20])
  expect(await tables(database)).toHaveLength(20)
})

test('who waits says who holds the lock, and gives up in time', async () => {
  const database = await emptyDatabase('postgres')
  const { url } = database.options
  const { folder } = createProject({ '1.mjs': sleeps })
  const stop = new AbortController()
  const first = migratorOf({ url, folder }).migrate({ signal: stop.signal })
  await until(
    async () =>
      (await database.query("SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'")).length >
      0,
  )

  const events: MigrationEvent[] = []
  const second = migratorOf({ url, folder, lockWait: 300, onEvent: (event) => events.push(event) })
  const [holder] = await database.query<{ pid: number }>(
    `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted`,
  )
  await expect(second.migrate()).rejects.toMatchObject({
    code: 'FAASJS_PG_LOCK_HELD',
    why: expect.stringContaining(`held by pid ${holder?.pid} (application "faasjs-pg")`),
    fix: expect.stringContaining(`pg_terminate_backend(${holder?.pid})`),
  })
  expect(events).toEqual([
    {
      kind: 'waiting',
      holder: { pid: holder?.pid, applicationName: 'faasjs-pg', since: expect.any(Date) },
    },
  ])
  // Looking does not wait.
  expect(await second.list()).toMatchObject([{ state: 'pending' }])

  stop.abort('the test')
  await expect(first).rejects.toMatchObject({ code: 'FAASJS_PG_INTERRUPTED' })
})

test('a run that is aborted cancels its statement, rolls back, and frees the lock', async () => {
  const database = await emptyDatabase('postgres')
  const { url } = database.options
  const { folder } = createProject({ '1.mjs': creates('a'), '2.mjs': sleeps })
  const stop = new AbortController()
  const run = migratorOf({ url, folder }).migrate({ signal: stop.signal })
  await until(
    async () =>
      (await database.query("SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'")).length >
      0,
  )
  stop.abort('SIGINT')
  await expect(run).rejects.toMatchObject({
    code: 'FAASJS_PG_INTERRUPTED',
    summary: 'interrupted by SIGINT',
    note: 'migration "1" stays applied',
    cause: { code: '57014' },
  })
  expect(await tables(database)).toEqual(['a'])
  expect(await recorded(database)).toEqual(['1'])
  expect(await database.query(`SELECT FROM pg_locks WHERE locktype = 'advisory'`)).toEqual([])
})

test('a run that is aborted while it waits, or while up does, ends at once', async () => {
  const database = await emptyDatabase('postgres')
  const { url } = database.options
  const { folder } = createProject({
    '1.mjs': `export const up = () => new Promise(() => { globalThis.faasPgUpWaits = true })`,
  })
  const stop = new AbortController()
  const first = migratorOf({ url, folder }).migrate({ signal: stop.signal })
  await until(async () => Reflect.get(globalThis, 'faasPgUpWaits') === true)
  const stopSecond = new AbortController()
  const second = migratorOf({
    url,
    folder,
    onEvent: ({ kind }) => kind === 'waiting' && stopSecond.abort('SIGTERM'),
  }).migrate({ signal: stopSecond.signal })
  await expect(second).rejects.toMatchObject({
    code: 'FAASJS_PG_INTERRUPTED',
    summary: 'interrupted by SIGTERM',
    note: 'nothing was applied',
  })
  stop.abort()
  await expect(first).rejects.toMatchObject({ code: 'FAASJS_PG_INTERRUPTED' })
  expect(await database.query(`SELECT FROM pg_locks WHERE locktype = 'advisory'`)).toEqual([])
  await expect(
    migratorOf({ url, folder }).migrate({ signal: AbortSignal.abort('SIGINT') }),
  ).rejects.toMatchObject({ code: 'FAASJS_PG_INTERRUPTED' })
})

test('a connection that is cut is reported with what is known', async () => {
  const database = await emptyDatabase('postgres')
  const { url } = database.options
  const { folder } = createProject({ '1.mjs': creates('a'), '2.mjs': sleeps })
  const migrator = migratorOf({ url, folder })
  const failure = migrator.migrate().catch((error: unknown) => error)
  await until(async () => {
    const ended = await database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'`,
    )
    return ended.length > 0
  })
  expect(await failure).toMatchObject({
    code: 'FAASJS_PG_CONNECTION_LOST',
    summary: 'the connection was lost while migration "2" ran',
    fix: expect.stringContaining('npx faasjs-pg status'),
    note: expect.stringMatching(/unknown[^]*migration "1" before it stays applied/),
  })
  expect(await recorded(database)).toEqual(['1'])
  // The next run connects anew.
  expect(names(await migrator.status())).toEqual(['1'])
})

test('a client keeps its own settings, and stays open', async () => {
  const database = await emptyDatabase('postgres')
  const client = await connect(database.options.url)
  await client.query(
    `CREATE SCHEMA app; CREATE ROLE "odd role" NOLOGIN; GRANT CREATE, USAGE ON SCHEMA app TO "odd role"`,
  )
  onTestFinished(async () => {
    await client.query('RESET ROLE; DROP OWNED BY "odd role" CASCADE; DROP ROLE "odd role"')
  })
  await client.query(
    `SET search_path TO app, public; SET lock_timeout TO '1234ms'; SET work_mem = '5MB'; SET ROLE "odd role"`,
  )
  const { folder } = createProject({
    '1.mjs': `export function up(builder) {
  builder.raw('SET search_path TO public')
  builder.raw("SET lock_timeout TO '9s'")
  builder.raw('RESET ROLE')
}`,
    '2.mjs': creates('in_app'),
  })
  const migrator = migratorOf({ client, folder })
  await migrator.migrate()
  await migrator.close()
  const { rows } = await client.query(
    `SELECT current_setting('search_path') AS path, current_setting('lock_timeout') AS timeout, current_setting('work_mem') AS memory, current_user AS user, to_regclass('app.in_app') IS NOT NULL AS created, (SELECT count(*)::int FROM app.faasjs_pg_migrations) AS history`,
  )
  expect(rows).toEqual([
    {
      path: 'app, public',
      timeout: '1234ms',
      memory: '5MB',
      user: 'odd role',
      created: true,
      history: 2,
    },
  ])
})

test('a failed migration leaves a client usable, with its settings', async () => {
  const database = await emptyDatabase('postgres')
  const client = await connect(database.options.url)
  await client.query(`SET lock_timeout TO '1234ms'`)
  const { folder } = createProject({
    '1.mjs': `export function up(builder) { builder.raw("SET lock_timeout TO '9s'"); builder.raw('SELECT 1 / 0') }`,
  })
  await expect(migratorOf({ client, folder }).migrate()).rejects.toThrow('division by zero')
  const { rows } = await client.query(
    `SELECT current_setting('lock_timeout') AS timeout, (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory') AS locks`,
  )
  expect(rows).toEqual([{ timeout: '1234ms', locks: 0 }])
})

test('a client in a transaction is refused, and its transaction is not committed', async () => {
  const database = await emptyDatabase('postgres')
  const client = await connect(database.options.url)
  await client.query('BEGIN; CREATE TABLE mine ()')
  const { folder } = createProject({ '1.mjs': creates('a') })
  await expect(migratorOf({ client, folder }).migrate()).rejects.toMatchObject({
    code: 'FAASJS_PG_TRANSACTION_OPEN',
  })
  expect(await tables(database)).toEqual([])
})

test('a pool lends one connection and gets it back', async () => {
  const database = await emptyDatabase('postgres')
  const pool = new Pool({ connectionString: database.options.url, max: 2 })
  onTestFinished(() => pool.end())
  const { folder } = createProject({ '1.mjs': creates('a') })
  const migrator = migratorOf({ client: pool, folder })
  await migrator.migrate()
  expect(await migrator.list()).toMatchObject([{ state: 'applied' }])
  await migrator.close()
  expect(pool.idleCount).toBe(pool.totalCount)
  expect((await pool.query('SELECT count(*)::int AS n FROM a')).rows).toEqual([{ n: 0 }])
})

test('tenants of one database migrate side by side', async () => {
  const database = await emptyDatabase('postgres')
  await database.query('CREATE SCHEMA one')
  await database.query('CREATE SCHEMA two')
  const { folder } = createProject({ '1.mjs': creates('a') })
  const urlOf = (schema: string): string => {
    const url = new URL(database.options.url ?? '')
    url.searchParams.set('options', `-c search_path=${schema}`)
    return url.href
  }
  const [one, two] = await Promise.all(
    ['one', 'two'].map((schema) => migratorOf({ url: urlOf(schema), folder }).migrate()),
  )
  expect(names(one?.applied ?? [])).toEqual(['1'])
  expect(names(two?.applied ?? [])).toEqual(['1'])
})

test('status and list work where nothing may be written', async () => {
  const database = await emptyDatabase('postgres')
  const url = new URL(database.options.url ?? '')
  url.searchParams.set('options', '-c default_transaction_read_only=on')
  const { folder } = createProject({ '1.mjs': creates('a') })
  const reader = migratorOf({ url: url.href, folder })
  expect(await reader.list()).toMatchObject([{ state: 'pending' }])
  await migratorOf({ ...database.options, folder }).migrate()
  expect(names(await reader.status())).toEqual(['1'])
  await expect(reader.down()).rejects.toMatchObject({ details: { sqlState: '25006' } })
})

test('a second runner without the lock is stopped by the history', async () => {
  const database = await emptyDatabase('postgres')
  await migratorOf({ ...database.options, folder: createProject().folder }).migrate()
  const other = await connect(database.options.url)
  const { folder } = createProject({ '1.mjs': creates('a') })
  await other.query(`BEGIN; INSERT INTO faasjs_pg_migrations VALUES ('1', now())`)
  const run = migratorOf({ ...database.options, folder }).migrate()
  const failure = run.catch((error: unknown) => error)
  await until(
    async () => (await database.query(`SELECT FROM pg_locks WHERE NOT granted`)).length > 0,
  )
  await other.query('COMMIT')
  expect(await failure).toMatchObject({
    code: 'FAASJS_PG_ALREADY_APPLIED',
    details: { migration: '1' },
  })
  expect(await tables(database)).toEqual([])
})

test('down notices that somebody else took the row', async () => {
  const database = await emptyDatabase('postgres')
  const { folder } = createProject({ '1.mjs': creates('a') })
  const migrator = migratorOf({ ...database.options, folder })
  await migrator.migrate()
  const other = await connect(database.options.url)
  await other.query(`BEGIN; DELETE FROM faasjs_pg_migrations`)
  const failure = migrator.down().catch((error: unknown) => error)
  await until(
    async () => (await database.query(`SELECT FROM pg_locks WHERE NOT granted`)).length > 0,
  )
  await other.query('COMMIT')
  expect(await failure).toMatchObject({
    code: 'FAASJS_PG_HISTORY_CHANGED',
    note: 'nothing was changed',
  })
  expect(await tables(database)).toEqual(['a'])
})

test('without rights on the history the fix is a GRANT', async () => {
  const database = await emptyDatabase('postgres')
  const client = await connect(database.options.url)
  // As it is by itself since PostgreSQL 15.
  await client.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC')
  await client.query('CREATE ROLE poor NOLOGIN')
  onTestFinished(async () => void (await client.query('RESET ROLE; DROP ROLE poor')))
  const { folder } = createProject({ '1.mjs': creates('a') })
  await client.query('SET ROLE poor')
  await expect(migratorOf({ client, folder }).migrate()).rejects.toMatchObject({
    code: 'FAASJS_PG_STATEMENT_FAILED',
    fix: 'GRANT CREATE ON SCHEMA "public" TO <this role>',
  })
  await client.query('RESET ROLE')
  await migratorOf({ client, folder }).migrate()
  await client.query('SET ROLE poor')
  await expect(migratorOf({ client, folder }).status()).rejects.toMatchObject({
    fix: 'GRANT SELECT ON "public"."faasjs_pg_migrations" TO <this role>',
  })
})

test('who waits for the lock does not stop CREATE INDEX CONCURRENTLY of who has it', async () => {
  const database = await emptyDatabase('postgres')
  const holder = await connect(database.options.url)
  const { rows } = await holder.query<{ name: string }>('SELECT current_database() AS name')
  const key = lockKey(rows[0]?.name ?? '', { schema: 'public', name: 'faasjs_pg_migrations' })
  await holder.query('CREATE TABLE big AS SELECT 1 AS n')
  await holder.query(`SELECT pg_advisory_lock(${key})`)
  const { folder } = createProject({ '1.mjs': creates('a') })
  let isWaiting = false
  const onEvent = ({ kind }: MigrationEvent): void => {
    isWaiting ||= kind === 'waiting'
  }
  const run = migratorOf({ ...database.options, folder, onEvent }).migrate()
  await until(async () => isWaiting)
  await holder.query('CREATE INDEX CONCURRENTLY ON big (n)')
  await holder.query(`SELECT pg_advisory_unlock(${key})`)
  expect(names((await run).applied)).toEqual(['1'])
})

test('behind a pooler that changes backends nothing is applied', async () => {
  const database = await emptyDatabase('postgres')
  const url = await transactionPooler(database.options.url ?? '', 3)
  const { folder } = createProject({ '1.mjs': creates('a') })
  await expect(migratorOf({ url, folder }).migrate()).rejects.toMatchObject({
    code: 'FAASJS_PG_LOCK_LOST',
    summary: 'migration "1" was not run: transaction pooling detected',
    fix: expect.stringContaining('direct URL'),
  })
  expect(await tables(database)).toEqual([])
  expect(await recorded(database)).toEqual([])
  expect(await database.query(`SELECT FROM pg_locks WHERE locktype = 'advisory'`)).toEqual([])
})

test('behind a pooler that keeps to one backend everything works, and two apply nothing twice', async () => {
  const database = await emptyDatabase('postgres')
  const url = await transactionPooler(database.options.url ?? '', 1)
  const { folder } = createProject({
    '1.mjs': `export function up(builder) { builder.raw('CREATE TABLE acc AS SELECT 0 AS n') }`,
    '2.mjs': `export function up(builder) { builder.raw('UPDATE acc SET n = n + 1') }`,
    '3.mjs': `export function up(builder) { builder.raw('UPDATE acc SET n = n + 1') }`,
  })
  const runs = await Promise.allSettled([1, 2].map(() => migratorOf({ url, folder }).migrate()))
  const codes = runs.map((run) =>
    run.status === 'rejected' ? (run.reason as { code: string }).code : 'fine',
  )
  expect(['fine', 'FAASJS_PG_ALREADY_APPLIED']).toEqual(expect.arrayContaining(codes))
  await migratorOf({ url, folder }).migrate()
  expect(await database.query('SELECT n FROM acc')).toEqual([{ n: 2 }])
  expect(await recorded(database)).toEqual(['1', '2', '3'])
  expect(await database.query(`SELECT FROM pg_locks WHERE locktype = 'advisory'`)).toEqual([])
})

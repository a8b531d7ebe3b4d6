import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

// From the build: the database's thread is a compiled file.
import { StatementError, TestDatabaseError } from '@faasjs/pg'
import { createTestDatabase } from '@faasjs/pg/testing'
import pg from 'pg'
import { x } from 'tinyexec'
import { expect, onTestFinished, test } from 'vitest'

const fixtures = fileURLToPath(new URL('./fixtures', import.meta.url))

function run(...args: string[]): Promise<{ exitCode: number | undefined; stdout: string }> {
  // A test runner inside a test runner: node:test would report to the outer one.
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined }
  return Promise.resolve(x(process.execPath, args, { nodeOptions: { cwd: fixtures, env } }))
}

test('works with node:test, in several processes at a time', async () => {
  const files = ['node-test.mjs', 'node-test-beside.mjs']
  const { exitCode, stdout } = await run('--test', '--test-reporter=tap', ...files)
  expect(stdout).toMatch(/# pass [456]\n# fail 0/)
  expect(exitCode).toBe(0)
})

test('does not keep the process alive when it is not closed', async () => {
  const { exitCode, stdout } = await run('forgetful.mjs')
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '2\n' })
})

test('takes its socket along when the process ends', async () => {
  const connection = process.platform === 'win32' ? 'tcp' : 'socket'
  const { stdout } = await run('forgetful.mjs', connection)
  const lines = stdout.trim().split('\n')
  expect(lines.pop()).toBe('2')
  expect(lines.length).toBe(connection === 'socket' ? 1 : 0)
  for (const folder of lines) {
    expect(folder).toMatch(/^\/.*faasjs-pg-/)
    expect(existsSync(folder)).toBe(false)
  }
})

test('has the error of a migration that fails', async () => {
  const failing = createTestDatabase({ migrations: `${fixtures}/broken-migrations` })
  await expect(failing).rejects.toBeInstanceOf(StatementError)
  await expect(failing).rejects.toMatchObject({
    code: 'FAASJS_PG_STATEMENT_FAILED',
    details: { sqlState: '42601', migration: '20260101000000000-create-roles' },
  })
})

test('says so when a migration ends its thread', async () => {
  const failing = createTestDatabase({ migrations: `${fixtures}/exiting-migrations` })
  await expect(failing).rejects.toMatchObject({
    code: 'FAASJS_PG_SNAPSHOT_FAILED',
    why: expect.stringContaining('process.exit(3)'),
  })
})

test('refuses a migration that PGlite would get wrong without a word', async () => {
  const failing = createTestDatabase({ migrations: `${fixtures}/icu-migrations` })
  await expect(failing).rejects.toMatchObject({
    code: 'FAASJS_PG_STATEMENT_FAILED',
    summary: expect.stringContaining('20260102000000000-sort-names.ts:4'),
    sql: expect.stringMatching(/COLLATION "by_name"/),
    why: expect.stringMatching(/no ICU collations/),
    message: expect.stringContaining('real PostgreSQL'),
    details: { sqlState: '0A000' },
  })
})

test('refuses a folder that is not there', async () => {
  const failing = createTestDatabase({ migrations: `${fixtures}/nowhere` })
  await expect(failing).rejects.toMatchObject({ code: 'FAASJS_PG_FOLDER_NOT_FOUND' })
})

test('comes back on the same port after its engine broke down', async () => {
  const database = await createTestDatabase({ migrations: `${fixtures}/migrations` })
  onTestFinished(() => database.close())
  const client = new pg.Client(database.url)
  client.on('error', () => {})
  await client.connect()
  await client.query(`insert into roles (name) values ('lost')`)
  await expect(client.query('set exit_on_error = on; select 1 / 0')).rejects.toThrow(/broke down/)

  await database.reset()
  const again = new pg.Client(database.url)
  await again.connect()
  const { rows } = await again.query('select count(*)::int as n from roles')
  expect(rows).toEqual([{ n: 2 }])
  await again.end()
})

test('can be put back to snapshots', async () => {
  const database = await createTestDatabase({ migrations: `${fixtures}/migrations` })
  onTestFinished(() => database.close())
  const client = new pg.Client(database.url)
  await client.connect()
  const count = async (): Promise<unknown> =>
    (await client.query('select count(*)::int as n from roles')).rows
  const empty = await database.snapshot()
  await client.query(`insert into roles (name) values ('more')`)
  const filled = await database.snapshot()
  await database.reset()
  await database.restore(filled)
  expect(await count()).toEqual([{ n: 3 }])
  await database.restore(empty)
  expect(await count()).toEqual([{ n: 2 }])
  await empty.release()
  await empty.release()
  await expect(database.restore(empty)).rejects.toBeInstanceOf(TestDatabaseError)
  await client.end()
  await database.close()
  await filled.release()
})

test('is of no use after it was closed, and can be closed twice', async () => {
  const database = await createTestDatabase({ migrations: `${fixtures}/migrations` })
  await database.close()
  await database.close()
  await expect(database.reset()).rejects.toMatchObject({ code: 'FAASJS_PG_TEST_DATABASE_FAILED' })
  await expect(new pg.Client(database.url).connect()).rejects.toThrow(/ECONNREFUSED/)
})

test('a reset may take longer than a statement that nobody waits for', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'faasjs-pg-slow-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  // The column is computed anew when its row is put back.
  await writeFile(
    join(folder, '1-slow.sql'),
    `create function slowly(n int) returns int language plpgsql immutable as $$
      declare start timestamptz := clock_timestamp();
      begin loop exit when clock_timestamp() > start + interval '2.5 s'; end loop; return n; end $$;
    create table slow (n int, same int generated always as (slowly(n)) stored);
    insert into slow values (1);`,
  )
  const database = await createTestDatabase({ migrations: folder, cache: false })
  onTestFinished(() => database.close())
  const client = new pg.Client(database.url)
  let isLost = false
  client.on('error', () => (isLost = true))
  await client.connect()
  await client.query('delete from slow')
  await database.reset()
  expect((await client.query('select same from slow')).rows).toEqual([{ same: 1 }])
  expect(isLost).toBe(false)
  await client.end()
})

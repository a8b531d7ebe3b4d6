import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'

import pg from 'pg'
import { beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest'

import { run as faasjsPg, start } from '../cli/faasjs-pg.ts'
import { createPlainRole } from '../helpers/plain-role.ts'
import { hasPsql, runPsql } from '../testing/psql.ts'
import { fixturePath, runVitest, type VitestRun } from './run-vitest.ts'

const engines = [
  ['PGlite', () => ({ engine: 'pglite' })],
  ['private PostgreSQL', () => ({ engine: 'postgres' })],
  ['PostgreSQL by url', () => ({ engine: 'postgres', url: inject('postgresAdminUrl') })],
] as const

const cwd = fixturePath('failures')
const kept = join(cwd, '.faasjs-pg')

beforeEach(() => rm(kept, { recursive: true, force: true }))

async function runFailures(options: object, args: readonly string[] = []): Promise<VitestRun> {
  onTestFinished(() => rm(kept, { recursive: true, force: true }))
  const env = { CI: '', FIXTURE_OPTIONS: JSON.stringify(options) }
  return await runVitest('failures', ['--maxWorkers=1', ...args], env)
}

/** Without what is different each time. */
function stable(text: string): string {
  return text
    .replaceAll(/^ *\d+\.\d ms/gm, '# ms')
    .replaceAll(/(?:connection|session) \d+/g, 'connection #')
}

/** The part of the output that is about one test, as Vitest prints it. */
function failureOf(output: string, name: string): string {
  const parts = output.split(/^ FAIL {2}/m)
  return stable(parts.filter((part) => part.includes(` > ${name}\n`)).at(-1) ?? '')
}

/** Opens a kept database with the command, for the time of some work. */
async function withOpened<T>(number: number, work: (url: string) => Promise<T>): Promise<T> {
  const running = start(['test', 'open', String(number)], { cwd })
  const [url] = (await once(running.child.stdout ?? running.child, 'data')) as [string]
  const result = await work(url.trim())
  running.child.kill('SIGINT')
  expect(await running.ended()).toMatchObject({ code: 0, signal: null, stdout: url })
  return result
}

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client(url)
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

describe.each(engines)('on %s', (name, options) => {
  test('a failure tells what was sent, and its database can be opened', async () => {
    const run = await runFailures(options())
    expect(run).toMatchObject({ exitCode: 1, failed: 7, passed: 7 })
    const leak =
      `[@faasjs/pg] "leaks.spec.ts > does not wait" did not wait for a statement on connection #: ` +
      `INSERT INTO users (name, role) SELECT 'Gil', 'member' FROM pg_sleep(0.5) AS slept`
    expect(stable(run.output).split(leak)).toHaveLength(2)
    const finds = failureOf(run.output, 'finds a user')
    // What the documentation shows.
    const docs = await readFile('docs/testing.md', 'utf8')
    const [shown = ''] = finds.match(/AssertionError[\s\S]*test open 1\n/) ?? []
    expect(shown).not.toBe('')
    expect(stable(docs)).toContain(`\`\`\`text\n${shown}\`\`\``)
    expect(failureOf(run.output, 'hits a constraint')).toContain(`SQL of this test (2):
# ms  connection #: SELECT count(*)::int FROM users → 1 row
# ms  connection # (app): INSERT INTO users (name, role) VALUES ($1, $2) [Bea, NULL] → 23502 null value in column "role" of relation "users" violates not-null constraint
Its database is kept: npx faasjs-pg test open 2
`)
    // Once for each test that used a database and is not expected to fail: not for each attempt.
    expect(run.output.match(/SQL of this test/g)).toHaveLength(6)
    expect(failureOf(run.output, 'uses no database')).not.toContain('database is kept')
    expect(failureOf(run.output, 'fails each time')).toContain('[attempt 3, member] → 1 row')
    // As many as are kept.
    const numbers = [...run.output.matchAll(/test open (\d)/g)].map(([, number]) => number)
    expect(numbers).toEqual(['1', '2', '3', '4', '5'])
    expect(run.output).not.toMatch(/Unhandled|terminat/)

    expect(await withOpened(1, (url) => ask(url, 'SELECT name FROM users'))).toEqual([
      { name: 'Ada' },
    ])
    expect(await withOpened(3, (url) => ask(url, 'SELECT name FROM users'))).toEqual([
      { name: 'attempt 3' },
    ])
    await withOpened(5, async (url) => {
      expect(await ask(url, 'SELECT body FROM notes')).toEqual([{ body: 'a note' }])
      expect(
        await ask(url, 'INSERT INTO users (name, role) VALUES ($$x$$, $$member$$) RETURNING id'),
      ).toEqual([{ id: 2 }])
      const said = await runPsql(url, ['-Atc', 'SELECT name FROM users ORDER BY id'])
      expect(said).toBe(hasPsql ? 'Fay\nx' : 'no psql')
    })

    const list = await faasjsPg(['test', 'list'], { cwd })
    expect(list.stdout.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, '<time>')).toContain(
      '1  <time>  failures.spec.ts > finds a user\n   expected [] to have a length of 1 but got +0\n2  ',
    )
    await expectCleaned(name === 'PostgreSQL by url')
  })

  test('a statement that nobody waits for fails its test, where that is wanted', async () => {
    const run = await runFailures({ ...options(), leaks: 'fail' }, ['leaks.spec.ts'])
    expect(run).toMatchObject({ exitCode: 1, failed: 1, passed: 2 })
    expect(run.output).toContain(
      'FAASJS_PG_LEAKED_STATEMENT  the test "does not wait" did not wait for a statement on ',
    )
  })
})

/** `test clean` removes everything, also from the server. */
async function expectCleaned(isUrl: boolean): Promise<void> {
  const databases = (): Promise<unknown[]> =>
    ask(inject('postgresAdminUrl'), `SELECT FROM pg_database WHERE datname LIKE 'fpg%failed%'`)
  expect(await databases()).toHaveLength(isUrl ? 5 : 0)
  const cleaned = await faasjsPg(['test', 'clean'], {
    cwd,
    env: { FAASJS_PG_CACHE: join(cwd, '.faasjs-pg/cache') },
  })
  expect(cleaned).toMatchObject({ code: 0 })
  expect(cleaned.stdout.split('\n').slice(0, 5)).toEqual([
    'removed  database 1 of "failures.spec.ts > finds a user"',
    'removed  database 2 of "failures.spec.ts > hits a constraint"',
    'removed  database 3 of "failures.spec.ts > fails each time"',
    'removed  database 4 of "failures.spec.ts > fails in a transaction"',
    'removed  database 5 of "schema.spec.ts > changes the schema"',
  ])
  expect(existsSync(kept)).toBe(false)
  expect(await databases()).toEqual([])
  expect(await faasjsPg(['test', 'open'], { cwd })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('FAASJS_PG_NOT_KEPT  no database is kept under the number 1'),
  })
}

test('neither the text nor the database where nobody wants them, and not the database on CI', async () => {
  const silent = await runFailures({ engine: 'pglite', log: false, keep: 'never' }, [
    'schema.spec.ts',
  ])
  expect(silent).toMatchObject({ exitCode: 1, failed: 2 })
  expect(silent.output).not.toMatch(/SQL of this test|database is kept/)
  expect(existsSync(kept)).toBe(false)
  const onCi = await runVitest('failures', ['schema.spec.ts'], {
    CI: 'true',
    FIXTURE_OPTIONS: JSON.stringify({ engine: 'pglite' }),
  })
  expect(onCi.output).toContain('SQL of this test (3, on ')
  expect(onCi.output).not.toContain('database is kept')
  const one = await runFailures({ engine: 'pglite', log: false, keep: 1 }, ['schema.spec.ts'])
  expect(one.output.match(/Its database is kept: .*/g)).toEqual([
    'Its database is kept: npx faasjs-pg test open 1',
  ])
})

test('tests that are transactions tell and keep the same, those of a role that is no superuser, too', async () => {
  const options = { engine: 'postgres', url: await createPlainRole(), reset: 'transaction' }
  const run = await runFailures(options)
  expect(run).toMatchObject({ exitCode: 1, failed: 7, passed: 7 })
  expect(run.output.match(/SQL of this test/g)).toHaveLength(6)
  expect(run.output).not.toMatch(/Unhandled|terminat/)
  const name = `SELECT name FROM users`
  expect(await withOpened(1, (url) => ask(url, name))).toEqual([{ name: 'Ada' }])
  expect(await withOpened(3, (url) => ask(url, name))).toEqual([{ name: 'attempt 3' }])
  expect(await withOpened(5, (url) => ask(url, `${name} CROSS JOIN notes`))).toEqual([
    { name: 'Fay' },
  ])
})

import { existsSync } from 'node:fs'

import { expect, test } from 'vitest'

import { installFixture } from './install-fixture.ts'
import { runVitest } from './run-vitest.ts'

interface Entry {
  readonly file: string
  readonly url: string
}

function entries(log: readonly string[]): Entry[] {
  return log.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Entry)
}

function count(log: readonly string[], line: string): number {
  return log.filter((other) => other === line).length
}

test.each([
  ['forks', []],
  ['forks', ['--no-isolate']],
  ['threads', []],
  ['threads', ['--no-isolate']],
  ['vmThreads', []],
])('every test starts from the baseline: %s %j', async (pool, args) => {
  const run = await runVitest('app', [`--pool=${pool}`, '--maxWorkers=2', ...args])
  expect(run.output).not.toContain('FAIL')
  expect(run).toMatchObject({ exitCode: 0, passed: 12, failed: 0 })
  expect(count(run.log, 'migrated')).toBe(1)
  expect(run.output).toMatch(/[12] databases? booted/)
  // One more for each before its first connection.
  expect(new Set(entries(run.log).map(({ url }) => url)).size).toBeLessThanOrEqual(4)
})

test('files that run at the same time have different databases', async () => {
  const run = await runVitest('workers', ['--maxWorkers=2'])
  expect(run).toMatchObject({ exitCode: 0, passed: 2 })
  expect(new Set(run.log.filter((line) => line.startsWith('postgres:'))).size).toBe(2)
  expect(count(run.log, 'migrated')).toBe(1)
})

test('a project that never connects boots nothing', async () => {
  const run = await runVitest('idle')
  expect(run).toMatchObject({ exitCode: 0, passed: 1, log: [] })
})

test('by Unix sockets: DATABASE_URL, and the variables that other clients read', async () => {
  const options = JSON.stringify({ connection: 'socket' })
  const run = await runVitest('sockets', ['--maxWorkers=2'], { FIXTURE_OPTIONS: options })
  expect(run.output).not.toContain('FAIL')
  expect(run).toMatchObject({ exitCode: 0, passed: 2 })
  const folders = run.log.filter((line) => line.startsWith('/'))
  expect(folders.length).toBeGreaterThan(0)
  expect(folders.filter((folder) => existsSync(folder))).toEqual([])
})

test('a thread is started by the first connection, which does not notice', async () => {
  const run = await runVitest('lazy', ['--maxWorkers=1'])
  expect(run.output).not.toContain('FAIL')
  expect(run).toMatchObject({ exitCode: 0, passed: 3 })
  // One builds the snapshot, one has the database.
  expect(run.log).toEqual(['unused', 'thread', 'thread'])
})

test('listing tests boots nothing', async () => {
  const { log, output } = await runVitest('lazy', [], {}, 'list')
  expect(output).toContain('does not use its database')
  expect(log).toEqual([])
})

test.each([['forks'], ['threads']])(
  'a broken migration fails the run once, with its own error: %s',
  async (pool) => {
    const run = await runVitest('broken', [`--pool=${pool}`, '--maxWorkers=2'])
    expect(run.exitCode).toBe(1)
    expect(run.passed).toBe(0)
    expect(count(run.log, 'migrated')).toBe(1)
    const [report, ...again] = run.output.split('FAASJS_PG_STATEMENT_FAILED  ').slice(1)
    expect(again).toEqual([])
    expect(report).toMatch(
      /^migration "20260101000000000-create-things" failed at .*create-things\.ts:10/,
    )
    expect(report).toContain('CREATE TABEL things_again')
    expect(report).toContain('42601')
  },
)

test('each project has its databases, one without the plugin none', async () => {
  const run = await runVitest('projects', ['--maxWorkers=2'])
  expect(run).toMatchObject({ exitCode: 0, passed: 5, failed: 0 })
  expect(new Set(run.log.filter((line) => line.startsWith('postgres:'))).size).toBe(2)
})

test('without migrations databases are empty, and one line says so', async () => {
  const run = await runVitest('empty', ['--maxWorkers=2'])
  expect(run).toMatchObject({ exitCode: 0, passed: 2 })
  expect(run.output.match(/no folder src\/db\/migrations: test databases are empty/g)).toHaveLength(
    1,
  )
})

test('a folder that somebody asked for must be there', async () => {
  const run = await runVitest('empty', [], { FIXTURE_MIGRATIONS: 'db/nowhere' })
  expect(run).toMatchObject({ exitCode: 1, passed: 0 })
  expect(run.output).toContain('FAASJS_PG_FOLDER_NOT_FOUND  migration folder not found')
  expect(run.output).toContain('db/nowhere')
})

test('an open transaction is rolled back, and the test that left it is named', async () => {
  const run = await runVitest('strays')
  expect(run).toMatchObject({ exitCode: 0, passed: 3 })
  expect(run.output).toContain(
    '"strays.spec.ts > leaves a transaction open" left a transaction open on connection 1',
  )
  expect(run.output).toContain('Its last query: insert into things values (1)')
})

test.each([
  ['ignore', 0, 3],
  ['fail', 1, 2],
])('open transactions: %s', async (leaks, exitCode, passed) => {
  const run = await runVitest('strays', [], { FIXTURE_OPTIONS: JSON.stringify({ leaks }) })
  expect(run).toMatchObject({ exitCode, passed: expect.any(Number) })
  expect(run.output).not.toContain('rolled back. Its last query')
  if (leaks === 'ignore') expect(run.passed).toBe(passed)
  else {
    expect(run.output).toContain(
      'FAASJS_PG_LEAKED_TRANSACTION  the test "leaves a transaction open" left a transaction open on connection 1',
    )
  }
})

test('a statement without end ends with its test, which is named', async () => {
  const run = await runVitest('runaway')
  expect(run).toMatchObject({ exitCode: 1, passed: 2, failed: 1 })
  expect(run.output).toContain('"runaway.spec.ts > asks for what never ends" ran a statement')
  expect(run.output).toContain('Its query: do $$ begin loop null; end loop; end $$')
})

test.each([
  [
    'rows',
    /1 database booted · snapshot built in .* s \(1 migration run\) · \d resets? \(1 in full\): median/,
  ],
  ['full', /resets? \([23] in full\)/],
])('a test may change the schema: %s', async (reset, line) => {
  const options = JSON.stringify({ reset, report: 'verbose' })
  const run = await runVitest('changes', [], { FIXTURE_OPTIONS: options })
  expect(run.output).not.toContain('FAIL')
  expect(run).toMatchObject({ exitCode: 0, passed: 3 })
  expect(run.output).toMatch(line)
  if (reset === 'rows') {
    expect(run.output).toContain('restored in full after "changes.spec.ts > changes the schema"')
  }
})

test('the tests that changed more than rows are named, a few of them', async () => {
  const run = await runVitest('changes', [], { FIXTURE_REPEAT: '4' })
  expect(run).toMatchObject({ exitCode: 0, passed: 7 })
  expect(run.output).toContain(
    '[@faasjs/pg] changed the schema, roles or settings: "changes.spec.ts > changes the schema", ' +
      '"changes.spec.ts > makes a table, time 1", "changes.spec.ts > makes a table, time 2", and 1 more',
  )
})

test('the line at the end can be left out, and there is none without a database', async () => {
  const quiet = await runVitest('changes', [], { FIXTURE_OPTIONS: '{ "report": false }' })
  const idle = await runVitest('idle')
  expect(quiet.output + idle.output).not.toContain('booted')
})

test.each([['--pool=forks'], ['--no-isolate'], ['--pool=vmThreads']])(
  'works when installed under node_modules: %s',
  async (arg) => {
    const root = await installFixture('app')
    const run = await runVitest(root, ['--maxWorkers=2', arg])
    expect(run.output).not.toContain('FAIL')
    expect(run).toMatchObject({ exitCode: 0, passed: 12, failed: 0 })
  },
)

test('an engine that breaks down is replaced for the next test', async () => {
  const run = await runVitest('breakdown')
  expect(run.output).not.toContain('FAIL')
  expect(run).toMatchObject({ exitCode: 0, passed: 2 })
})

test('concurrent tests may run, but not use the database', async () => {
  const run = await runVitest('concurrent')
  expect(run).toMatchObject({ exitCode: 1, passed: 3, failed: 2 })
  expect(run.output).toContain(
    'FAASJS_PG_CONCURRENT_TESTS  the database was used while "three" ran',
  )
})

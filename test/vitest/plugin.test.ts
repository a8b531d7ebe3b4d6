import { existsSync } from 'node:fs'

import { expect, test } from 'vitest'

import { installFixture } from './install-fixture.ts'
import { runVitest } from './run-vitest.ts'

test('a project that never connects boots nothing', async () => {
  const run = await runVitest('idle')
  expect(run).toMatchObject({ exitCode: 0, passed: 1, log: [] })
})

test('E38 by Unix sockets: DATABASE_URL, and the variables that other clients read', async () => {
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

test('E1 an open transaction is rolled back, and the test that left it is named', async () => {
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
])('E1 open transactions: %s', async (leaks, exitCode, passed) => {
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

test('E16 a statement without end ends with its test, which is named', async () => {
  const run = await runVitest('runaway')
  expect(run).toMatchObject({ exitCode: 1, passed: 2, failed: 1 })
  expect(run.output).toContain('"runaway.spec.ts > asks for what never ends" ran a statement')
  expect(run.output).toContain('Its query: do $$ begin loop null; end loop; end $$')
})

test.each([
  [
    'auto',
    /1 database booted · snapshot built in .* s \(1 migration run\) · \d resets? \(1 in full\): median/,
  ],
  ['full', /resets? \([23] in full\)/],
])('E17 a test may change the schema: %s', async (reset, line) => {
  const options = JSON.stringify({ reset, report: 'verbose' })
  const run = await runVitest('changes', [], { FIXTURE_OPTIONS: options })
  expect(run.output).not.toContain('FAIL')
  expect(run).toMatchObject({ exitCode: 0, passed: 3 })
  expect(run.output).toMatch(line)
  if (reset === 'auto') {
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

import { beforeAll, expect, test } from 'vitest'

import { runVitest, type VitestRun } from '../run-vitest.ts'
import { expectProven } from './proofs.ts'

// One run of many tests, most of them in pairs: one disturbs something, the next must not notice.
let run: VitestRun

beforeAll(async () => {
  run = await runVitest('edges', ['--maxWorkers=2'])
})

test('nothing fails that has no number', () => {
  const failed = run.tests.filter(({ status }) => status === 'failed')
  expect(failed.map(({ title, failureMessages }) => [title, ...failureMessages])).toEqual([])
  expect(run.exitCode).toBe(0)
  // Only where a library was loaded the memory cannot be restored.
  const replaced = run.output.match(/database replaced after .*/g)
  expect(replaced).toEqual([expect.stringContaining('E17 extensions')])
})

test('E1 a test leaves a transaction open: it is rolled back, its connection told, and the test named', () => {
  expectProven(run, 'E1', 4)
  expect(run.output).toContain(
    '"sessions.spec.ts > E1 a transaction is left open" left a transaction open on connection',
  )
})

test.each([
  ['E2 idle connections stay, with prepared statements and what they set when they connect', 6],
  ['E3 a connection listens across tests, without stale notifications', 4],
  ['E4 writes that nobody waits for are ended with their test', 2],
  ['E15 retries, repeats, expected failures and tests skipped on their way start clean', 5],
  ['E17 tables, schemas, types, functions and extensions are changed', 18],
  ['E18 roles, tablespaces, databases, publications and settings are made', 15],
  ['E19 rows of migrations are edited, deleted and replaced', 9],
  ['E20 foreign keys in circles, to themselves, restricted and deferred', 6],
  [
    'E21 triggers, rules and event triggers, those that always fire too, are not fired by the reset',
    15,
  ],
  ['E22 partitions, detached and nested, inheritance, unlogged and temporary tables', 12],
  ['E23 sequences owned, not owned, owned by another table, with a start, cached, cycling', 12],
  ['E24 generated, identity, domain, enum and exclusion columns, forced row security', 4],
  ['E25 materialized views on each other, populated or not', 6],
  ['E26 tables of an extension are left to it', 2],
  ['E27 several schemas, quoted, upper-case, unicode and 63 byte names', 4],
  ['E29 large objects, advisory locks, prepared transactions, replication slots', 6],
  ['E32 a pool made at import time outlives resets', 2],
  ['E34 fake timers are left on', 2],
  ['E35 driver, network, modules, globals and environment are mocked', 2],
] as const)('%s', (title, atLeast) => {
  expectProven(run, title.split(' ')[0] ?? '', atLeast)
})

test('rows written in beforeAll are put back with a warning, for them only', () => {
  expect(run.output.match(/ before its first test/g)).toHaveLength(1)
  expect(run.output).toContain(
    '[@faasjs/pg] early.spec.ts changed rows of public.countries, public.plain before its first test',
  )
  expect(run.output).toContain('Use seed(async (db) => …)')
})

test('E16 a test that has timed out goes on during the next ones', async () => {
  const overdue = await runVitest('edges', [], { FIXTURE_INCLUDE: 'overdue.slow.ts' })
  const late = overdue.tests.filter(({ title }) => / (?:times out|is disturbed) /.test(title))
  expect(late.map(({ status }) => status)).toEqual(['failed', 'failed', 'failed', 'failed'])
  const others = overdue.tests.filter((one) => !late.includes(one))
  expect(others.map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 'passed'))
  expect(overdue.output).toContain(
    '(or "E16 times out before it asks for what never ends", which timed out before it)" ran a statement that did not end',
  )
})

test('E4 what is sent last arrives before the reset, also through a main process that is busy', async () => {
  const late = await runVitest('edges', [], { FIXTURE_INCLUDE: 'late.slow.ts', FIXTURE_BUSY: '1' })
  expectProven(late, 'E4 busy', 8)
})

test('E28 a thousand tables and 100,000 seeded rows: only what is touched is looked at', async () => {
  const large = await runVitest('large')
  expect(large.output).not.toContain('FAIL')
  expect(large).toMatchObject({ exitCode: 0, passed: 5 })
})

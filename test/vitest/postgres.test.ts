import { describe, expect, inject, test } from 'vitest'

import { runVitest } from './run-vitest.ts'

const version = inject('postgresMajor')
const engines = [
  ['PGlite', () => ({ engine: 'pglite' })],
  [`private PostgreSQL ${version}`, () => ({ engine: 'postgres' })],
  [`PostgreSQL ${version}`, () => ({ engine: 'postgres', url: inject('postgresAdminUrl') })],
] as const

test.each(engines)(
  'the same suite passes, and the last line names the engine: %s',
  async (name, options) => {
    const run = await runVitest('servers', ['suite.spec.ts'], {
      FIXTURE_OPTIONS: JSON.stringify(options()),
    })
    expect(run.output).not.toContain('FAIL')
    expect(run).toMatchObject({ exitCode: 0, passed: 3 })
    expect(run.output).toContain(`[@faasjs/pg] ${name}`)
    expect(run.output).toMatch(/ · 1 database booted · snapshot built in .* \(2 migrations run\)/)
  },
)

describe.each(engines.slice(1))('on %s', (_, options) => {
  test('what a test leaves open is ended, and the test is named', async () => {
    const run = await runVitest('servers', ['sessions.spec.ts'], {
      FIXTURE_OPTIONS: JSON.stringify(options()),
    })
    expect(run.output).not.toContain('FAIL')
    expect(run.output).not.toContain('Unhandled')
    expect(run).toMatchObject({ exitCode: 0, passed: 4 })
    expect(run.output).toMatch(
      /"sessions.spec.ts > leaves a transaction open" left .* open on session/,
    )
    expect(run.output).toMatch(
      /"sessions.spec.ts > leaves a statement running" did not wait for a statement on session/,
    )
    expect(run.output).toContain('pg_sleep(3600)')
  })
})

test.each(engines)('a file has rows and snapshots of its own: %s', async (_, options) => {
  const run = await runVitest('servers', ['seeded.spec.ts', 'snapshots.spec.ts'], {
    FIXTURE_OPTIONS: JSON.stringify(options()),
  })
  expect(run.output).not.toContain('FAIL')
  expect(run).toMatchObject({ exitCode: 0, passed: 7 })
})

test.each(engines.slice(1))('files that never connect start nothing: %s', async (_, options) => {
  const run = await runVitest('servers', ['idle', '--maxWorkers=1'], {
    FIXTURE_OPTIONS: JSON.stringify({ ...options(), cache: false }),
  })
  expect(run).toMatchObject({ exitCode: 0, passed: 2, log: [] })
  expect(run.output).not.toContain('booted')
})

// The engine by the environment, as somebody runs a suite once more on another.
const env = { FAASJS_PG_ENGINE: 'postgres' }

test.each([
  ['forks', []],
  ['forks', ['--no-isolate']],
  ['threads', []],
  ['vmThreads', []],
])('a whole suite on a private server: %s %j', async (pool, args) => {
  const run = await runVitest('app', [`--pool=${pool}`, '--maxWorkers=2', ...args], env)
  expect(run.output).not.toContain('FAIL')
  expect(run).toMatchObject({ exitCode: 0, passed: 12, failed: 0 })
  expect(run.log.filter((line) => line === 'migrated')).toHaveLength(1)
})

test('files that run at the same time have different databases', async () => {
  const run = await runVitest('workers', ['--maxWorkers=2'], env)
  expect(run).toMatchObject({ exitCode: 0, passed: 2 })
  expect(run.log.filter((line) => line === 'migrated')).toHaveLength(1)
  expect(new Set(run.log.filter((line) => line.startsWith('postgres:'))).size).toBe(2)
})

test('a broken migration fails the run once, with its own error', async () => {
  const run = await runVitest('broken', ['--maxWorkers=2'], env)
  expect(run).toMatchObject({ exitCode: 1, passed: 0 })
  expect(run.log.filter((line) => line === 'migrated')).toHaveLength(1)
  expect(run.output.split('FAASJS_PG_STATEMENT_FAILED  ')).toHaveLength(2)
})

test('E33 a server that cannot take workers × connections says so before the first test, with the numbers', async () => {
  const options = { engine: 'postgres', url: inject('postgresAdminUrl'), connections: 1000 }
  const run = await runVitest('servers', ['suite.spec.ts', '--maxWorkers=3'], {
    FIXTURE_OPTIONS: JSON.stringify(options),
  })
  expect(run).toMatchObject({ exitCode: 1, passed: 0 })
  expect(run.output).toMatch(/FAASJS_PG_TOO_FEW_CONNECTIONS .* and this run needs 3004/)
  expect(run.output).toContain('3 workers × (1000 of the application + 1 for resets) + 1')
})

test('E33 a private server has room for workers × connections', async () => {
  const run = await runVitest('servers', ['suite.spec.ts', '--maxWorkers=3'], {
    FIXTURE_OPTIONS: JSON.stringify({ engine: 'postgres', connections: 60 }),
  })
  // More than a server has by itself, and it is checked like any other.
  expect(run).toMatchObject({ exitCode: 0, passed: 3 })
})

import { expect, inject, test } from 'vitest'

import { runVitest } from './run-vitest.ts'

// As of a developer's shell: nobody is there.
const developer = {
  DATABASE_URL: 'postgres://me@localhost:1/shop_dev',
  PGHOST: 'localhost',
  PGPORT: '1',
  PGDATABASE: 'shop_dev',
  PGUSER: 'me',
  PGSERVICE: 'nowhere',
}

test.each([
  ['PGlite', () => ({ engine: 'pglite' })],
  ['a server', () => ({ engine: 'postgres', url: inject('postgresAdminUrl') })],
])('a database in the environment is not that of the tests: %s', async (_, options) => {
  const run = await runVitest('safety', ['variables'], {
    ...developer,
    FIXTURE_OPTIONS: JSON.stringify(options()),
  })
  expect(run.output).not.toContain('FAIL')
  expect(run).toMatchObject({ exitCode: 0, passed: 3 })
})

test('a file that puts another URL in the place of its own does not run', async () => {
  const refused = await runVitest('safety', ['override', '--no-isolate'])
  expect(refused).toMatchObject({ exitCode: 1, passed: 0, failed: 2 })
  expect(refused.tests[1]?.failureMessages[0]).toContain(
    'FAASJS_PG_NOT_A_TEST_DATABASE  DATABASE_URL was changed as the test file was loaded: it leads to the database "shop_dev" on "localhost"',
  )
  expect(refused.output).not.toContain('secret')
  const allowed = await runVitest('safety', ['override'], {
    FIXTURE_OPTIONS: JSON.stringify({ allowExternal: true }),
  })
  expect(allowed).toMatchObject({ exitCode: 0, passed: 2 })
})

test('another machine is refused before anything runs, and production always', async () => {
  const options = { FIXTURE_OPTIONS: JSON.stringify({ allowExternal: true }) }
  const external = { DATABASE_URL: 'postgres://me:secret@db.example.com/shop' }
  const production = { DATABASE_URL: 'postgres://me:secret@x.rds.amazonaws.com/shop' }
  for (const env of [external, { ...production, ...options }]) {
    const run = await runVitest('safety', ['variables'], env)
    expect(run).toMatchObject({ exitCode: 1, passed: 0, failed: 0 })
    expect(run.output).toContain('FAASJS_PG_NOT_A_TEST_DATABASE  DATABASE_URL is set, and leads to')
    expect(run.output).not.toContain('secret')
  }
})

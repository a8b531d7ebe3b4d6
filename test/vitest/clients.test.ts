import { expect, inject, test } from 'vitest'

import { runVitest } from './run-vitest.ts'

/** `pg`, `postgres`, Kysely, Drizzle, Knex. */
const CLIENTS = 5

// On a server by its URL, and on PostgreSQL 13 to 17: test/servers.mjs. With Prisma: test/vitest/prisma.mjs.
test.each([
  ['PGlite', { engine: 'pglite' }],
  [`private PostgreSQL ${inject('postgresMajor')}`, { engine: 'postgres' }],
] as const)('one suite of an application passes with every client: %s', async (name, options) => {
  const run = await runVitest('clients', [], { FIXTURE_OPTIONS: JSON.stringify(options) })
  expect(run.output).not.toContain('FAIL')
  expect(run.output).not.toContain('Unhandled')
  const titles = new Set(run.tests.map(({ title }) => title))
  expect(titles.size).toBeGreaterThan(20)
  expect(run.tests.length % CLIENTS).toBe(0)
  expect(run).toMatchObject({ exitCode: 0, failed: 0, passed: run.tests.length })
  expect(run.output).toContain(`[@faasjs/pg] ${name}`)
  // Nobody else is said to have changed it.
  const [line = ''] = /changed the schema, roles or settings: .*/.exec(run.output) ?? []
  expect(line.match(/(?<=> )[^"]+/g)).toEqual(
    expect.arrayContaining(['a test may change the schema']),
  )
  expect(line).not.toMatch(/> (?!a test may change the schema")/)
})

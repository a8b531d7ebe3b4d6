import { Client } from 'pg'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'

import { type PostgresServer, startPostgres } from '../../helpers/postgres-server.ts'
import { runVitest } from '../run-vitest.ts'

let server: PostgresServer

// As a managed server is given to a team: a role that is no superuser, and no database `postgres`.
beforeAll(async () => {
  server = await startPostgres()
  await asAdmin(
    `CREATE ROLE team LOGIN CREATEDB PASSWORD 'team'`,
    'CREATE DATABASE team OWNER team',
    'CREATE DATABASE locks OWNER team',
    'DROP DATABASE postgres WITH (FORCE)',
  )
})

afterAll(() => server.stop())

async function asAdmin(...statements: string[]): Promise<unknown[]> {
  const client = new Client(server.url)
  await client.connect()
  try {
    let rows: unknown[] = []
    for (const sql of statements) ({ rows } = await client.query(sql))
    return rows
  } finally {
    await client.end()
  }
}

const left = (): Promise<unknown[]> =>
  asAdmin(`SELECT datname FROM pg_database WHERE datname LIKE 'fpg\\_%'`)

async function run(options: object): ReturnType<typeof runVitest> {
  const url = new URL(server.url)
  url.username = 'team'
  url.password = 'team'
  url.pathname = '/team'
  return await runVitest('servers', ['suite.spec.ts'], {
    FIXTURE_OPTIONS: JSON.stringify({ engine: 'postgres', url: url.href, ...options }),
  })
}

test.each([
  ['in that of the URL', {}],
  ['in another one', { maintenanceDatabase: 'locks' }],
])('E37 no superuser, and no database "postgres": locks are %s', async (_, options) => {
  const { output, ...result } = await run(options)
  expect(output).not.toContain('FAIL')
  expect(result).toMatchObject({ exitCode: 0, passed: 3 })
  const version = String.raw`PostgreSQL ${inject('postgresMajor')}\.\d+`
  expect(output).toMatch(new RegExp(String.raw`\[@faasjs/pg\] ${version} · 1 database booted`))
  expect(await left()).toEqual([])
})

test('E37 a maintenance database that is not there is named before the first test', async () => {
  const { output, ...result } = await run({ maintenanceDatabase: 'nowhere' })
  expect(result).toMatchObject({ exitCode: 1, passed: 0 })
  expect(output).toContain('FAASJS_PG_CONNECTION_FAILED')
  expect(output).toContain('database "nowhere" does not exist')
})

test('E37 a role that may not create databases is told what it lacks', async () => {
  await asAdmin('ALTER ROLE team NOCREATEDB')
  const { output, ...result } = await run({})
  expect(result).toMatchObject({ exitCode: 1, passed: 0 })
  expect(output).toContain('FAASJS_PG_ENGINE_CAPABILITY')
  expect(output).toContain('ALTER ROLE "team" CREATEDB')
})

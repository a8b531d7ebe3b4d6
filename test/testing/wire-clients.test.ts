import pg from 'pg'
import postgres from 'postgres'
import { afterEach, beforeAll, expect, onTestFinished, test } from 'vitest'

import { rawClientOf } from './clients.ts'
import { type LocalHost, snapshotOf, startHost } from './helpers.ts'
import { hasPsql, runPsql } from './psql.ts'
import { frontend } from './raw-client.ts'

let local: LocalHost

beforeAll(async () => {
  local = await startHost(
    await snapshotOf('create table notes (id int primary key, body text not null)'),
  )
})

afterEach(() => local.host.reset('next'))

test('pg: a pool whose clients run transactions, prepared statements and errors at once', async () => {
  const pool = new pg.Pool({ connectionString: local.url, max: 5 })
  onTestFinished(() => pool.end())
  const work = async (n: number): Promise<void> => {
    const client = await pool.connect()
    try {
      await client.query('begin')
      await client.query({
        name: 'insert',
        text: 'insert into notes values ($1, $2)',
        values: [n, `note ${n}`],
      })
      if (n % 5 === 0) await client.query('select 1 / 0').catch(() => {})
      await client.query('commit')
    } finally {
      client.release()
    }
  }
  await Promise.all(Array.from({ length: 40 }, (_, n) => work(n)))
  const { rows } = await pool.query('select count(*)::int as n from notes')
  expect(rows).toEqual([{ n: 32 }])
})

test('a portal gives its rows in parts, and others wait until its transaction is over', async () => {
  const client = await rawClientOf(local)
  await client.ask(frontend.query('begin'))
  const fetch = frontend.executeSome('rows', 2)
  const first = await client.ask(
    frontend.parse('all', 'select n from generate_series(1, 5) n'),
    frontend.bind('rows', 'all'),
    fetch,
    frontend.sync,
  )
  expect(first).toEqual(['1', '2', 'D:1', 'D:2', 's', 'Z:T'])
  expect(await client.ask(fetch, frontend.sync)).toEqual(['D:3', 'D:4', 's', 'Z:T'])
  expect(await client.ask(fetch, frontend.sync)).toEqual(['D:5', 'C:SELECT 1', 'Z:T'])
  expect(await client.ask(frontend.close('P', 'rows'), frontend.sync)).toEqual(['3', 'Z:T'])
  expect(await client.ask(frontend.query('commit'))).toEqual(['C:COMMIT', 'Z:I'])
})

test('postgres.js: cursors, and savepoints that are rolled back', async () => {
  const sql = postgres(local.url, { max: 2, onnotice: () => {} })
  onTestFinished(() => sql.end())
  const parts: number[] = []
  await sql`select n from generate_series(1, 25) n`.cursor(10, (rows) => {
    parts.push(rows.length)
  })
  expect(parts).toEqual([10, 10, 5])

  await sql.begin(async (transaction) => {
    await transaction`insert into notes values (1, 'kept')`
    await transaction
      .savepoint(async (inner) => inner`insert into notes values (1, 'twice')`)
      .catch(() => {})
  })
  expect(await sql`select body from notes`).toMatchObject([{ body: 'kept' }])
})

test('postgres.js: a query can be cancelled while it waits', async () => {
  const sql = postgres(local.url, { max: 2 })
  onTestFinished(() => sql.end())
  const holder = await sql.reserve()
  await holder`begin`
  const waiting = sql`select 1`
  const failure = waiting.catch((error: unknown) => error)
  await new Promise((resolve) => setTimeout(resolve, 50))
  waiting.cancel()
  expect(await failure).toMatchObject({ code: '57014' })
  await holder`rollback`
  holder.release()
})

test('psql: queries, descriptions, \\copy both ways, errors, variables', async () => {
  const copied = await runPsql(
    local.url,
    ['-Atq', '-v', 'ON_ERROR_STOP=0'],
    `\\copy notes from stdin
1\tone
2\ttwo
\\.
\\copy notes to stdout
select nope;
\\set x 5
select :x + 1;
\\d notes
`,
  )
  const told = hasPsql
    ? ['1\tone\n2\ttwo', '\n6\n', 'id|integer|']
    : ['no psql', 'no psql', 'no psql']
  for (const text of told) expect(copied).toContain(text)
  expect(await runPsql(local.url, ['-Atc', 'select count(*) from notes'])).toBe(
    hasPsql ? '2' : 'no psql',
  )
})

import pg from 'pg'
import postgres from 'postgres'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import { Conversation } from '../../src/testing/server/conversation.ts'
import type { LoggedQuery, OpenQuery } from '../../src/testing/server/conversation.ts'
import { type LocalHost, snapshotOf, startHost } from './helpers.ts'

let local: LocalHost
let client: pg.Client

beforeAll(async () => {
  local = await startHost(snapshotOf('CREATE TABLE notes (id serial PRIMARY KEY, body text)'))
  client = new pg.Client({ connectionString: local.url, application_name: 'app' })
  await client.connect()
})

beforeEach(() => local.host.reset('a test'))

afterAll(() => client.end())

const queries = (): LoggedQuery[] => local.host.log.queries
const texts = (): string[] => queries().map(({ sql }) => sql)

test('lists what was sent, with parameters, duration and connection', async () => {
  await client.query('INSERT INTO notes (body) VALUES ($1), ($2)', ['one', null])
  await client.query('SELECT * FROM notes')
  await client.query({ name: 'by-id', text: 'SELECT * FROM notes WHERE id = $1', values: [1] })
  await client.query({ name: 'by-id', text: 'SELECT * FROM notes WHERE id = $1', values: [2] })
  expect(queries()).toEqual([
    entry('INSERT INTO notes (body) VALUES ($1), ($2)', ['one', null]),
    entry('SELECT * FROM notes'),
    entry('SELECT * FROM notes WHERE id = $1', ['1']),
    entry('SELECT * FROM notes WHERE id = $1', ['2']),
  ])
})

function entry(sql: string, params: readonly (string | null)[] = []): object {
  return {
    connection: expect.stringMatching(/^connection \d+ \(app\)$/),
    sql,
    params,
    duration: expect.any(Number),
    error: undefined,
  }
}

test('lists errors, and what comes after them', async () => {
  await expect(client.query('SELECT * FROM nowhere')).rejects.toThrow('nowhere')
  await expect(client.query('SELECT $1::int', ['x'])).rejects.toThrow('invalid input')
  await client.query('SELECT 1')
  expect(queries().map(({ sql, error }) => [sql, error])).toEqual([
    ['SELECT * FROM nowhere', { message: expect.stringContaining('nowhere'), code: '42P01' }],
    ['SELECT $1::int', { message: expect.stringContaining('invalid input'), code: '22P02' }],
    ['SELECT 1', undefined],
  ])
  expect(queries().every(({ duration }) => duration !== undefined)).toBe(true)
})

test('hears pipelined statements, copies and several clients', async () => {
  const sql = postgres(local.url, { max: 1, prepare: true })
  await Promise.all([1, 2, 3].map((n) => sql`SELECT ${n}::int AS n`))
  await sql.unsafe('COPY notes (body) TO STDOUT').simple()
  await client.query('SELECT 2; SELECT 3')
  await sql.end()
  expect(texts().filter((text) => text.includes('::int AS n'))).toHaveLength(3)
  expect(texts()).toContain('COPY notes (body) TO STDOUT')
  expect(texts().at(-1)).toBe('SELECT 2; SELECT 3')
  expect(queries().every(({ duration }) => duration !== undefined)).toBe(true)
})

test('begins anew with each test', async () => {
  await client.query('SELECT 1')
  await local.host.reset('the next test')
  expect(queries()).toEqual([])
})

test('a running query has no duration yet', async () => {
  const running = client.query('SELECT 1')
  // It is on its way: looked at as soon as the server has it.
  while (queries().length === 0) await new Promise((resolve) => setImmediate(resolve))
  const [query] = queries()
  await running
  expect(query?.sql).toBe('SELECT 1')
  expect(queries()[0]?.duration).toBeGreaterThan(0)
})

test('hears the answer in whatever pieces it comes', () => {
  const message = (type: string, body: string): Buffer => {
    const bytes = Buffer.alloc(5)
    bytes.write(type)
    bytes.writeInt32BE(body.length + 4, 1)
    return Buffer.concat([bytes, Buffer.from(body)])
  }
  const answer = Buffer.concat([
    message('T', 'columns'),
    message('D', 'x'.repeat(500)),
    message('E', `SERROR\0C22012\0Mdivision by zero\0\0`),
    message('Z', 'I'),
  ])
  for (let size = 1; size < answer.length; size++) {
    const query: OpenQuery = {
      connection: '',
      sql: '',
      params: [],
      duration: undefined,
      error: undefined,
    }
    const conversation = new Conversation(() => query)
    conversation.sent({ type: 'Q', bytes: message('Q', 'SELECT 1/0\0') })
    for (let start = 0; start < answer.length; start += size) {
      expect(query.duration).toBeUndefined()
      conversation.answered(answer.subarray(start, start + size))
      if (query.duration !== undefined) break
    }
    expect(query.error).toEqual({ message: 'division by zero', code: '22012' })
  }
})

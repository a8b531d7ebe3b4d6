import pg from 'pg'
import postgres from 'postgres'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import { Conversation, QUERY } from '../../src/testing/server/conversation.ts'
import { type LoggedQuery, OpenQuery } from '../../src/testing/server/open-query.ts'
import { QueryLog } from '../../src/testing/server/query-log.ts'
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

const queries = (): LoggedQuery[] => local.host.sent.queries
const texts = (): string[] => queries().map(({ sql }) => sql)

test('lists what was sent, with parameters, duration and connection', async () => {
  await client.query('INSERT INTO notes (body) VALUES ($1), ($2)', ['one', null])
  await client.query('SELECT * FROM notes')
  await client.query({ name: 'by-id', text: 'SELECT * FROM notes WHERE id = $1', values: [1] })
  await client.query({ name: 'by-id', text: 'SELECT * FROM notes WHERE id = $1', values: [2] })
  expect(queries()).toEqual([
    entry('INSERT INTO notes (body) VALUES ($1), ($2)', 2, ['one', null]),
    entry('SELECT * FROM notes', 2),
    entry('SELECT * FROM notes WHERE id = $1', 1, ['1']),
    entry('SELECT * FROM notes WHERE id = $1', 1, ['2']),
  ])
})

function entry(sql: string, rows: number, params: readonly (string | null)[] = []): object {
  return {
    connection: expect.stringMatching(/^connection \d+ \(app\)$/),
    sql,
    params,
    duration: expect.any(Number),
    rows,
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

const message = (type: string, body: string): Buffer => {
  const bytes = Buffer.alloc(5)
  bytes.write(type)
  bytes.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([bytes, Buffer.from(body)])
}

test('hears the answer in whatever pieces it comes', () => {
  const answer = Buffer.concat([
    message('T', 'columns'),
    message('D', 'x'.repeat(500)),
    message('C', 'SELECT 12\0'),
    message('N', 'a notice'),
    message('E', `SERROR\0C22012\0Mdivision by zero\0\0`),
    message('Z', 'I'),
  ])
  for (let size = 1; size <= answer.length; size++) {
    const query = new OpenQuery('', Buffer.from('SELECT 12; SELECT 1/0'), undefined)
    const conversation = new Conversation(() => query)
    conversation.sent(QUERY, message('Q', 'SELECT 12; SELECT 1/0\0'))
    for (let start = 0; start < answer.length; start += size) {
      expect(query.error).toBeUndefined()
      conversation.answered(answer.subarray(start, start + size))
      if (query.duration !== undefined) break
    }
    expect(query.rows).toBe(12)
    expect(query.toLogged()).toMatchObject({
      error: { message: 'division by zero', code: '22012' },
      rows: undefined,
    })
  }
})

test.each([
  ['INSERT 0 3', 3],
  ['SELECT 120', 120],
  ['COPY 7', 7],
  ['CREATE TABLE', undefined],
  ['BEGIN', undefined],
  ['DELETE 0', 0],
])('reads the number of rows from %s', (tag, rows) => {
  const query = new OpenQuery('', Buffer.from(''), undefined)
  const conversation = new Conversation(() => query)
  conversation.sent(QUERY, message('Q', 'x\0'))
  conversation.answered(Buffer.concat([message('C', `${tag}\0`), message('Z', 'I')]))
  expect(query.toLogged().rows).toBe(rows)
})

test('keeps no more than it can hold, and says how many it dropped', () => {
  const log = new QueryLog()
  const conversation = log.join(() => 'a connection')
  const long = message('Q', `${'x'.repeat(2 ** 20)}\0`)
  for (let count = 0; count < 40; count++) conversation.sent(QUERY, long)
  expect(log.count).toBe(40)
  expect(log.dropped).toBeGreaterThan(0)
  expect(log.queries).toHaveLength(40 - log.dropped)
  expect(log.since(39)).toHaveLength(1)
})

import pg from 'pg'
import postgres from 'postgres'
import { afterEach, beforeAll, expect, onTestFinished, test } from 'vitest'

import { type LocalHost, snapshotOf, startHost } from './helpers.ts'
import { frontend, RawClient, startupPacket } from './raw-client.ts'

let local: LocalHost

beforeAll(async () => {
  local = await startHost(
    await snapshotOf(`
      create table notes (id serial primary key, body text);
      create role app_user; grant all on notes, notes_id_seq to app_user;
    `),
  )
})

afterEach(() => local.host.reset('next'))

async function connect(options: pg.ClientConfig = {}): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: local.url, ...options })
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

async function raw(parameters: Record<string, string> = {}): Promise<RawClient> {
  const client = await RawClient.start(local.port, parameters)
  onTestFinished(() => void client.socket.destroy())
  return client
}

test('serves pg: simple, parameterised, named, failing, multiple statements', async () => {
  const client = await connect()
  expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  expect((await client.query('select $1::int + 1 as two', [1])).rows).toEqual([{ two: 2 }])
  const named = { name: 'by name', text: 'select $1::text as name', values: ['a'] }
  expect((await client.query(named)).rows).toEqual([{ name: 'a' }])
  expect((await client.query({ ...named, values: ['b'] })).rows).toEqual([{ name: 'b' }])
  await expect(client.query('select nope')).rejects.toMatchObject({ code: '42703' })
  await expect(client.query('select $1::int', ['x'])).rejects.toMatchObject({ code: '22P02' })
  const both = (await client.query('select 1 as a; select 2 as b')) as unknown as pg.QueryResult[]
  expect(both.map((result) => result.rows)).toEqual([[{ a: 1 }], [{ b: 2 }]])
  expect((await client.query('')).rows).toEqual([])
})

test('serves postgres.js: parameters of unknown type, pipelines, transactions, COPY both ways', async () => {
  const sql = postgres(local.url, { max: 3, onnotice: () => {} })
  onTestFinished(() => sql.end())
  expect(await sql`select ${1}::int as one`).toMatchObject([{ one: 1 }])
  const many = await Promise.all(Array.from({ length: 200 }, (_, n) => sql`select ${n}::int as n`))
  expect(many.map(([row]) => row?.['n'] as number)).toEqual(
    Array.from({ length: 200 }, (_, n) => n),
  )
  await sql.begin(async (tx) => {
    await tx`insert into notes (body) values ('in a transaction')`
  })
  await expect(
    sql.begin(async (tx) => {
      await tx`insert into notes (body) values ('undone')`
      throw new Error('no')
    }),
  ).rejects.toThrow('no')

  const writable = await sql`copy notes (body) from stdin`.writable()
  writable.write('first\n')
  await new Promise<void>((resolve) => {
    writable.end('second\n', () => resolve())
  })
  expect(await sql`select body from notes order by id`).toMatchObject([
    { body: 'in a transaction' },
    { body: 'first' },
    { body: 'second' },
  ])

  const chunks: string[] = []
  for await (const chunk of await sql`copy notes (body) to stdout`.readable()) {
    chunks.push(String(chunk))
  }
  expect(chunks.join('')).toBe('in a transaction\nfirst\nsecond\n')
})

test('a pool with parallel statements of all sizes mixes up no answers', async () => {
  const pool = new pg.Pool({ connectionString: local.url, max: 8 })
  onTestFinished(() => pool.end())
  const answers = await Promise.all(
    Array.from({ length: 200 }, async (_, n) => {
      const text = String(n).repeat(n % 2 ? 1 : 60_000)
      const { rows } = await pool.query('select $1::text as text, $2::int as n', [text, n])
      return rows[0].n === n && rows[0].text === text
    }),
  )
  expect(answers.filter(Boolean)).toHaveLength(200)
})

test('two connections may use one statement name', async () => {
  const [a, b] = [await connect(), await connect()]
  const query = (client: pg.Client, value: number, text: string) =>
    client.query({ name: 'same', text, values: [value] })
  await query(a, 1, 'select $1::int as a')
  await query(b, 1, 'select $1::int as b')
  expect((await query(a, 2, 'select $1::int as a')).rows).toEqual([{ a: 2 }])
  expect((await query(b, 3, 'select $1::int as b')).rows).toEqual([{ b: 3 }])
})

test('statements outlive what makes the engine forget them', async () => {
  const [a, b] = [await connect(), await connect()]
  const query = { name: 'kept', text: 'select $1::int as n', values: [1] }
  await a.query(query)
  await b.query('discard all')
  expect((await a.query(query)).rows).toEqual([{ n: 1 }])
  await b.query('deallocate all')
  expect((await a.query(query)).rows).toEqual([{ n: 1 }])
  await a.query('drop table notes')
  expect((await local.host.reset('rebuild')).kind).not.toBe('rows')
  expect((await a.query(query)).rows).toEqual([{ n: 1 }])
})

test('the unnamed statement of a connection survives the queries of others', async () => {
  const [a, b] = [await raw(), await raw()]
  await a.ask(frontend.parse('', 'select 1'), frontend.sync)
  await b.ask(frontend.query('select 2'))
  await b.ask(frontend.parse('', 'select 3'), frontend.sync)
  expect(await a.ask(frontend.bind('', ''), frontend.execute(''), frontend.sync)).toEqual([
    '2',
    'D:1',
    'C:SELECT 1',
    'Z:I',
  ])
  // But its own simple query ends it, as in PostgreSQL.
  await a.ask(frontend.query('select 4'))
  expect(await a.ask(frontend.bind('', ''), frontend.sync)).toEqual(['E:26000', 'Z:I'])
})

test('a statement that fails to parse leaves its name free', async () => {
  const client = await raw()
  const bad = await client.ask(frontend.parse('x', 'select nope'), frontend.sync)
  expect(bad).toEqual(['E:42703', 'Z:I'])
  const good = await client.ask(
    frontend.parse('x', 'select 5'),
    frontend.bind('', 'x'),
    frontend.execute(''),
    frontend.sync,
  )
  expect(good).toEqual(['1', '2', 'D:5', 'C:SELECT 1', 'Z:I'])
  const twice = await client.ask(frontend.parse('x', 'select 6'), frontend.sync)
  expect(twice).toEqual(['E:42P05', 'Z:I'])
  const close = await client.ask(frontend.close('S', 'x'), frontend.sync)
  expect(close).toEqual(['3', 'Z:I'])
  expect(await client.ask(frontend.describe('S', 'x'), frontend.sync)).toEqual(['E:26000', 'Z:I'])
})

test('an error in a sequence skips to its Sync, with and without a Flush', async () => {
  const client = await raw()
  const sequence = [frontend.parse('', 'select 1 / 0'), frontend.bind('', ''), frontend.execute('')]
  expect(await client.ask(...sequence, ...sequence, frontend.sync)).toEqual(['1', 'E:22012', 'Z:I'])
  client.send(...sequence, frontend.flush)
  await client.until('E:22012')
  client.send(...sequence, frontend.flush)
  expect(await client.ask(frontend.sync)).toEqual(['Z:I'])
})

test('a transaction has the session to itself', async () => {
  const [a, b] = [await connect(), await connect()]
  await a.query('begin')
  await a.query(`insert into notes (body) values ('a')`)
  const counted = b.query('select count(*)::int as n from notes')
  await new Promise((resolve) => setTimeout(resolve, 100))
  await a.query(`insert into notes (body) values ('b')`)
  await a.query('commit')
  expect((await counted).rows).toEqual([{ n: 2 }])
})

test('a wait that cannot end becomes an error that names both sides', async () => {
  const a = await connect({ application_name: 'outer' })
  const b = await connect()
  await a.query('begin')
  await a.query(`insert into notes (body) values ('held')`)
  const error = await b.query('select count(*) from notes').catch((cause: unknown) => cause)
  expect(error).toMatchObject({
    code: '55P03',
    message: expect.stringMatching(
      /gave up after \d+ ms: connection \d+ waits with "select count[^"]+" for connection \d+ \(outer\), which has a transaction open and sends nothing after "insert into notes[^"]+"/,
    ),
    detail: `Waiting: select count(*) from notes\nIn the transaction: insert into notes (body) values ('held')`,
    hint: expect.stringContaining('real PostgreSQL'),
  })
  // Parameterised as well, and both go on afterwards.
  await expect(b.query('select $1::int', [1])).rejects.toMatchObject({ code: '55P03' })
  await a.query('commit')
  expect((await b.query('select count(*)::int as n from notes')).rows).toEqual([{ n: 1 }])
})

test('a wait behind a sequence without Sync ends as well, and the waiting client stays in step', async () => {
  const [a, b] = [await raw(), await raw()]
  a.send(frontend.parse('', 'select 1'), frontend.flush)
  await a.until('1')
  b.send(frontend.parse('', 'select 2'), frontend.flush)
  await b.until('E:55P03')
  b.send(frontend.bind('', ''), frontend.execute(''))
  expect(await b.ask(frontend.sync)).toEqual(['Z:I'])
  await a.ask(frontend.sync)
  expect(await b.ask(frontend.query('select 3'))).toEqual(['T', 'D:3', 'C:SELECT 1', 'Z:I'])
})

test('a cancel request takes back a query that waits', async () => {
  const [a, b] = [await connect(), await connect()]
  await a.query('begin')
  const waiting = b.query('select 1')
  const { processID, secretKey } = b as unknown as { processID: number; secretKey: number }
  const canceller = await RawClient.open(local.port)
  const request = Buffer.alloc(16)
  for (const [index, value] of [16, 80877102, processID, secretKey].entries()) {
    request.writeInt32BE(value, index * 4)
  }
  canceller.send(request)
  await expect(waiting).rejects.toMatchObject({ code: '57014' })
  await a.query('rollback')
})

test('a disconnect in mid-transaction rolls back', async () => {
  const [a, b] = [await raw(), await connect()]
  await a.ask(frontend.query('begin'))
  await a.ask(frontend.query(`insert into notes (body) values ('lost')`))
  a.socket.destroy()
  expect((await b.query('select count(*)::int as n from notes')).rows).toEqual([{ n: 0 }])
})

test('what was sent before a goodbye is done', async () => {
  const [a, b] = [await raw(), await connect()]
  a.send(frontend.query(`insert into notes (body) values ('last')`), frontend.terminate)
  await a.untilClosed()
  expect((await b.query('select body from notes')).rows).toEqual([{ body: 'last' }])
})

test('settings of the startup packet belong to their connection', async () => {
  const a = await connect({
    application_name: 'one',
    options: '-c search_path=pg_catalog --statement-timeout=5s -c datestyle=german',
  })
  const b = await connect()
  const show = async (client: pg.Client): Promise<unknown> =>
    (
      await client.query(`select current_setting('application_name') as name,
        current_setting('search_path') as path, current_setting('statement_timeout') as timeout`)
    ).rows
  const ofA = [{ name: 'one', path: 'pg_catalog', timeout: '5s' }]
  const ofB = [{ name: '', path: '"$user", public', timeout: '0' }]
  expect([await show(a), await show(b), await show(a)]).toEqual([ofA, ofB, ofA])
  await local.host.reset('settings stay')
  expect(await show(a)).toEqual(ofA)
})

test('a user of the URL is the user of the session', async () => {
  const user = await connect({
    user: 'app_user',
    connectionString: undefined,
    port: local.port,
    host: '127.0.0.1',
    database: 'postgres',
  })
  const who = 'select current_user, session_user'
  expect((await user.query(who)).rows).toEqual([
    { current_user: 'app_user', session_user: 'app_user' },
  ])
  await expect(user.query('create schema mine')).rejects.toMatchObject({ code: '42501' })
  const owner = await connect()
  expect((await owner.query(who)).rows).toEqual([
    { current_user: 'postgres', session_user: 'postgres' },
  ])
})

test.each([
  ['an unknown database', { database: 'other' }, '3D000'],
  ['an unknown user', { user: 'nobody' }, '22023'],
  ['a bad setting', { options: '-c work_mem=lots' }, '22023'],
])('%s is refused', async (_, parameters, code) => {
  const client = await RawClient.open(local.port)
  client.send(startupPacket({ user: 'postgres', database: 'postgres', ...parameters }))
  client.send(frontend.query('select 1'))
  expect(await client.untilClosed()).toContain(`E:${code}`)
})

test('encryption is declined, newer protocol versions are negotiated down', async () => {
  const client = await RawClient.open(local.port)
  for (const code of [80877103, 80877104]) {
    const request = Buffer.alloc(8)
    request.writeInt32BE(8)
    request.writeInt32BE(code, 4)
    const answer = new Promise((resolve) => client.socket.once('data', resolve))
    client.send(request)
    expect(String(await answer)).toBe('N')
  }
  client.socket.destroy()
  const newer = await RawClient.open(local.port)
  newer.send(startupPacket({ user: 'postgres', '_pq_.extra': 'x' }, 2))
  expect((await newer.until('Z:I')).slice(0, 2)).toEqual(['v', 'R'])
  newer.socket.destroy()
})

test.each([
  ['an unknown message', Buffer.from([0x79, 0, 0, 0, 4])],
  ['an impossible length', Buffer.from([0x51, 0xff, 0xff, 0xff, 0xff])],
])('%s ends the connection and nothing else', async (_, bytes) => {
  const [bad, good] = [await raw(), await raw()]
  bad.send(bytes)
  expect(await bad.untilClosed()).toEqual(['E:08P01'])
  expect(await good.ask(frontend.query('select 1'))).toContain('D:1')
})

test('messages may arrive byte by byte', async () => {
  const client = await raw()
  const bytes = Buffer.concat([
    frontend.parse('', 'select 7'),
    frontend.bind('', ''),
    frontend.execute(''),
    frontend.sync,
  ])
  for (const byte of bytes) {
    client.send(Buffer.from([byte]))
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(await client.until('Z:')).toEqual(['1', '2', 'D:7', 'C:SELECT 1', 'Z:I'])
})

const ROWS = [frontend.copyData('1\tone\n'), frontend.copyData('2\ttwo\n')]
const COPY = 'copy notes from stdin'
const EXTENDED_COPY = [frontend.parse('', COPY), frontend.bind('', ''), frontend.execute('')]

test('COPY FROM STDIN by the simple and the extended protocol', async () => {
  const client = await raw()
  client.send(frontend.query(`-- with a comment\n ${COPY} (format text);`))
  expect(await client.until('G')).toEqual(['G'])
  expect(await client.ask(...ROWS, frontend.copyDone)).toEqual(['C:COPY 2', 'Z:I'])

  client.send(...EXTENDED_COPY)
  expect(await client.until('G')).toEqual(['1', '2', 'G'])
  client.send(frontend.copyData('3\tthree\n'), frontend.copyDone)
  expect(await client.until('C:')).toEqual(['C:COPY 1'])
  expect(await client.ask(frontend.sync)).toEqual(['Z:I'])
  expect(await client.ask(frontend.query('select count(*) from notes'))).toContain('D:3')
})

test('a COPY that fails leaves everybody in step', async () => {
  const client = await raw()
  const ok = (): Promise<string[]> => client.ask(frontend.query('select 1'))

  client.send(frontend.query(COPY))
  await client.until('G')
  expect(await client.ask(frontend.copyFail('changed my mind'))).toEqual(['E:57014', 'Z:I'])
  expect(await ok()).toContain('D:1')

  client.send(frontend.query(COPY))
  await client.until('G')
  const bad = await client.ask(frontend.copyData('x\n'), frontend.copyDone)
  expect(bad).toEqual(['E:22P02', 'Z:I'])

  // Something before it fails, and its Sync was sent ahead: no rows are asked for.
  const refused = await client.ask(
    frontend.parse('x', 'select nope'),
    ...EXTENDED_COPY,
    frontend.sync,
  )
  expect(refused).toEqual(['E:42703', 'Z:I'])
  expect(await ok()).toContain('D:1')

  // A missing table shows when the rows are there.
  client.send(frontend.query('copy nowhere from stdin'))
  await client.until('G')
  expect(await client.ask(frontend.copyDone)).toEqual(['E:42P01', 'Z:I'])
})

test.each([
  ['among other statements', frontend.query(`select 1; ${COPY}`), '57014'],
  ['to a program', frontend.query(`copy notes to program 'cat'`), '0A000'],
  ['from a program', frontend.query(`/* x */ copy notes from program 'ls'`), '0A000'],
])('COPY %s is refused and breaks nothing', async (_, query, code) => {
  const client = await raw()
  expect(await client.ask(query)).toContain(`E:${code}`)
  expect(await client.ask(frontend.query('select 1'))).toContain('D:1')
})

test('text that only looks like COPY is run as it is', async () => {
  const client = await connect()
  const { rows } = await client.query(`select 'copy x from stdin' as text, $1::int as n`, [1])
  expect(rows).toEqual([{ text: 'copy x from stdin', n: 1 }])
  expect((await client.query(`select 'copy x from program' as text`)).rows).toHaveLength(1)
})

test('an engine that breaks down is reported, with the query that did it', async () => {
  const other = await startHost(snapshotOf(''))
  const client = new pg.Client(other.url)
  client.on('error', () => {})
  await client.connect()
  await expect(client.query('set exit_on_error = on; select 1 / 0')).rejects.toMatchObject({
    message: expect.stringContaining('division by zero'),
  })
  await expect.poll(() => other.broken).toEqual(['division by zero'])
})

import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import net, { type AddressInfo, type Socket } from 'node:net'
import tls from 'node:tls'

import pg from 'pg'
import postgres from 'postgres'
import { beforeAll, beforeEach, expect, inject, onTestFinished, test, vi } from 'vitest'

import type { LoggedQuery } from '../../../src/testing/server/open-query.ts'
import { SocketTap } from '../../../src/testing/tap/socket-tap.ts'

let tap: SocketTap
let url = ''

beforeAll(() => {
  url = inject('postgresAdminUrl')
  tap = SocketTap.install()
  tap.watch(url)
})

beforeEach(() => tap.log.clear())

const queries = (): LoggedQuery[] => tap.log.queries

async function connect(options: pg.ClientConfig = {}): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, ...options })
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

test('hears what pg sends: parameters, rows, errors and the session', async () => {
  const client = await connect({ application_name: 'app' })
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  await client.query({ name: 'n', text: 'SELECT generate_series(1, $1::int)', values: [3] })
  await expect(client.query('SELECT 1/0')).rejects.toThrow('division')
  const connection = `session ${rows[0]?.pid} (app)`
  expect(queries()).toEqual([
    {
      connection,
      sql: 'SELECT pg_backend_pid() AS pid',
      params: [],
      duration: expect.any(Number),
      rows: 1,
      error: undefined,
    },
    {
      connection,
      sql: 'SELECT generate_series(1, $1::int)',
      params: ['3'],
      duration: expect.any(Number),
      rows: 3,
      error: undefined,
    },
    {
      connection,
      sql: 'SELECT 1/0',
      params: [],
      duration: expect.any(Number),
      rows: undefined,
      error: { message: 'division by zero', code: '22012' },
    },
  ])
})

test('hears postgres.js: pipelined statements, large values, copies, cursors', async () => {
  const sql = postgres(url, { max: 2 })
  onTestFinished(() => sql.end())
  const large = 'x'.repeat(3_000_000)
  await Promise.all([
    sql`SELECT length(${large}) AS length`,
    sql`SELECT 1 AS one`,
    sql`SELECT repeat('y', 2000000)`,
  ])
  await sql`SELECT generate_series(1, 5) AS n`.cursor(2, () => {})
  await sql.unsafe('COPY (SELECT generate_series(1, 1000)) TO STDOUT').readable().then(drain)
  const heard = queries().filter(({ sql }) => !sql.includes('pg_catalog.pg_type'))
  expect(heard.map((query) => query.sql).toSorted()).toEqual(
    expect.arrayContaining([
      'SELECT 1 AS one',
      'SELECT length($1) AS length',
      `SELECT repeat('y', 2000000)`,
      'SELECT generate_series(1, 5) AS n',
    ]),
  )
  expect(heard.find((query) => query.sql.startsWith('SELECT length'))?.params).toEqual([large])
  expect(heard.filter(({ duration }) => duration === undefined)).toEqual([])
})

async function drain(readable: NodeJS.ReadableStream): Promise<void> {
  readable.resume()
  await once(readable, 'end')
}

test('hears what is encrypted on its way', async () => {
  const pem = await readFile(new URL('./localhost.pem', import.meta.url))
  const secureContext = tls.createSecureContext({ key: pem, cert: pem })
  const { host, port, database = '', user = '', password } = new pg.Client(url)
  const server = net.createServer((socket) => {
    // Whatever encryption is asked for first.
    socket.once('data', () => {
      socket.write('S')
      const secure = new tls.TLSSocket(socket, { isServer: true, secureContext })
      const plain = host.startsWith('/')
        ? net.connect(`${host}/.s.PGSQL.${port}`)
        : net.connect(port, host)
      secure.on('error', () => {})
      secure.pipe(plain).pipe(secure)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const outside = (server.address() as AddressInfo).port
  const options = { host: '127.0.0.1', port: outside, database, user, password: password ?? '' }
  tap.watch(`postgres://${user}@127.0.0.1:${outside}/${database}`)

  const client = new pg.Client({ ...options, ssl: { rejectUnauthorized: false } })
  await client.connect()
  await client.query('SELECT $1::int AS one', [1])
  await client.end()
  const sql = postgres({
    ...options,
    ssl: { rejectUnauthorized: false },
    max: 1,
    fetch_types: false,
  })
  await sql`SELECT ${2}::int AS two`
  await sql.end()
  // Once before it is encrypted, and once behind the server that decrypts it, which is in this process as well.
  const heard = queries().map(({ sql, params, rows }) => JSON.stringify([sql, params, rows]))
  expect(heard.toSorted()).toEqual([
    '["SELECT $1::int AS one",["1"],1]',
    '["SELECT $1::int AS one",["1"],1]',
    '["SELECT $1::int AS two",["2"],1]',
    '["SELECT $1::int AS two",["2"],1]',
  ])
})

test('another database of the same server is not heard', async () => {
  const client = await connect()
  await client.query('CREATE DATABASE tap_other')
  onTestFinished(async () => void (await client.query('DROP DATABASE tap_other')))
  const other = new URL(url)
  other.pathname = '/tap_other'
  const stranger = new pg.Client(other.href)
  await stranger.connect()
  await stranger.query('SELECT 1')
  await stranger.end()
  expect(queries().map(({ sql }) => sql)).toEqual(['CREATE DATABASE tap_other'])
})

test('knows what still runs, and waits for it', async () => {
  const client = await connect()
  const before = tap.log.count
  const running = client.query('SELECT pg_sleep(0.05)')
  expect(tap.log.running.map((query) => query.toLogged().sql)).toEqual(['SELECT pg_sleep(0.05)'])
  expect(await tap.drain()).toBe(before + 1)
  // It does not wait for ever.
  while (tap.log.running.length > 0) await tap.drain()
  const [query] = queries()
  expect(query?.duration).toBeGreaterThan(0)
  await running
})

test('what nobody will answer is not waited for', async () => {
  const client = await connect()
  client.on('error', () => {})
  const running = client.query('SELECT pg_sleep(3600)').catch(() => {})
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
  stream.destroy()
  await once(stream, 'close')
  await running
  expect(tap.log.running).toEqual([])
  const [query] = queries()
  expect(query?.sql).toBe('SELECT pg_sleep(3600)')
})

test('a client that is only connecting is waited for, too', async () => {
  const pool = new pg.Pool({ connectionString: url })
  onTestFinished(() => pool.end())
  const running = pool.query('SELECT 1')
  const count = await tap.drain()
  while (tap.log.count === count) await tap.drain()
  expect(tap.log.since(count).map((query) => query.toLogged().sql)).toEqual(['SELECT 1'])
  await running
})

test('neither paused sockets nor fake timers make a difference', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'performance', 'Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const client = await connect()
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
  stream.pause()
  const running = client.query('SELECT 1')
  await tap.drain()
  stream.resume()
  await running
  const [query] = queries()
  expect(query?.duration).toBeGreaterThan(0)
})

test('what is no PostgreSQL, or no message, is passed on as it is', async () => {
  const server = net.createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  tap.watch(`postgres://postgres@127.0.0.1:${port}/postgres`)
  const startup = Buffer.from('\0\0\0\x23\0\x03\0\0user\0postgres\0database\0post')
  for (const first of [Buffer.from('GET / HTTP/1.1\r\n\r\n'), startup, Buffer.alloc(64, 0xff)]) {
    const socket = net.connect({ port, host: '127.0.0.1' })
    await once(socket, 'connect')
    const sent = [first, Buffer.from('Q\0\0\0\0'), Buffer.from([81, 255, 255, 255, 255, 1])]
    for (const bytes of sent) socket.write(bytes)
    socket.write('é', 'latin1')
    const expected = Buffer.concat([...sent, Buffer.from('é', 'latin1')])
    let arrived = Buffer.alloc(0)
    for await (const chunk of socket) {
      arrived = Buffer.concat([arrived, chunk as Buffer])
      if (arrived.length >= expected.length) break
    }
    expect(arrived).toEqual(expected)
    socket.destroy()
  }
  expect(queries()).toEqual([])
})

test('is there once, however often it is installed', () => {
  expect(SocketTap.install()).toBe(tap)
  expect(Object.keys(new net.Socket())).not.toContain('write')
})

test('hears several databases of one server, and no others', async () => {
  const other = new URL(url)
  other.pathname = '/template1'
  const unheard = new URL(url)
  unheard.pathname = '/test'
  tap.watch(other.href)
  for (const connectionString of [url, other.href, unheard.href]) {
    const client = await connect({ connectionString })
    await client.query('SELECT current_database()')
  }
  expect(queries()).toHaveLength(2)
})

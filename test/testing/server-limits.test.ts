import { once } from 'node:events'
import { connect } from 'node:net'

import type pg from 'pg'
import { afterEach, beforeAll, expect, onTestFinished, test } from 'vitest'

import { replies } from '../../src/testing/server/replies.ts'
import { column, connectTo, rawClientOf } from './clients.ts'
import { type LocalHost, snapshotOf, startHost } from './helpers.ts'
import { frontend, RawClient, startupPacket } from './raw-client.ts'

let local: LocalHost

beforeAll(async () => {
  local = await startHost(await snapshotOf('create table notes (id serial primary key, body text)'))
})

afterEach(() => local.host.reset('next'))

interface Key {
  readonly processID: number
  readonly secretKey: number
}

async function cancel(client: pg.Client | Key): Promise<void> {
  const { processID, secretKey } = client as Key
  const request = Buffer.alloc(16)
  for (const [index, value] of [16, 80877102, processID, secretKey].entries()) {
    request.writeInt32BE(value, index * 4)
  }
  const canceller = await RawClient.open(local.port)
  canceller.send(request)
  await canceller.untilClosed()
}

/** The BackendKeyData in the answer to a startup packet. */
function keyOf(answer: Buffer): Key {
  const reply = [...replies(answer)].find(({ type }) => type === 'K')
  const start = (reply?.start ?? 0) + 5
  return { processID: answer.readInt32BE(start), secretKey: answer.readInt32BE(start + 4) }
}

test('a cancel request takes back a parameterised query that waits, and only that', async () => {
  const [a, b] = [await connectTo(local), await connectTo(local)]
  await a.query('begin')
  const waiting = b.query('select $1::int', [1])
  const next = b.query('select 2 as n')
  // Sent by `pg` when the first one has been answered.
  const failure = waiting.catch((error: unknown) => error)
  await cancel(b)
  expect(await failure).toMatchObject({ code: '57014' })
  await a.query('rollback')
  expect((await next).rows).toEqual([{ n: 2 }])
})

test('a cancel request for a connection that does nothing, or with a wrong secret, changes nothing', async () => {
  const [a, b] = [await connectTo(local), await connectTo(local)]
  await cancel(b)
  await a.query('begin')
  const waiting = b.query('select 1 as n')
  const { processID } = b as unknown as Key
  await cancel({ processID, secretKey: 0 })
  await a.query('rollback')
  expect((await waiting).rows).toEqual([{ n: 1 }])
})

test.each(['Z:T', 'Z:I'])(
  'a cancel request in a pipeline fails the next query (%s)',
  async (status) => {
    const client = await RawClient.open(local.port)
    onTestFinished(() => void client.socket.destroy())
    client.send(startupPacket({ user: 'postgres', database: 'postgres' }))
    const key = once(client.socket, 'data').then(([chunk]) => keyOf(chunk as Buffer))
    await client.until('Z:I')
    if (status === 'Z:T') await client.ask(frontend.query('begin'))
    const slow = frontend.query('select count(*) from generate_series(1, 50000)')
    client.send(...Array.from({ length: 60 }, () => slow))
    expect(await client.until(status)).not.toContain('E:57014')
    await cancel(await key)
    const words = await client.until('E:57014')
    expect(await client.until('Z:')).toEqual([status === 'Z:T' ? 'Z:E' : 'Z:I'])
    expect(words).toContain(status)
    client.send(frontend.query('rollback'), frontend.query(`select 'end'`))
    await client.until('D:end')
  },
)

test('errors in a pipeline of many sequences concern their own sequence only', async () => {
  const client = await rawClientOf(local)
  const sequence = (sql: string): Buffer[] => [
    frontend.parse('', sql),
    frontend.bind('', ''),
    frontend.execute(''),
    frontend.sync,
  ]
  client.send(
    ...sequence(`insert into notes (body) values ('1')`),
    ...sequence('select 1 / 0'),
    ...sequence('begin'),
    ...sequence('select nope'),
    ...sequence('select 1'),
    ...sequence('rollback'),
    ...sequence('select count(*) from notes'),
    frontend.query('select 9'),
  )
  const words = await client.until('D:9')
  expect(words.filter((word) => /^[ZE]/.test(word))).toEqual([
    'Z:I',
    'E:22012',
    'Z:I',
    'Z:T',
    'E:42703',
    'Z:E',
    'E:25P02',
    'Z:E',
    'Z:I',
    'Z:I',
  ])
  expect(words).toContain('D:1')
})

test.each([
  ['the simple protocol', [frontend.query('copy notes from stdin')]],
  [
    'the extended protocol',
    [frontend.parse('', 'copy notes from stdin'), frontend.bind('', ''), frontend.execute('')],
  ],
])('a disconnect in mid-COPY by %s leaves nothing behind', async (_, messages) => {
  const client = await rawClientOf(local)
  client.send(...messages)
  await client.until('G')
  client.send(frontend.copyData('1\tlost\n'))
  client.socket.destroy()
  const other = await connectTo(local)
  expect(await column(other, 'select count(*)::int from notes')).toEqual([0])
})

test('a disconnect in the middle of a message, of a sequence, or with answers on their way', async () => {
  const other = await connectTo(local)
  for (const bytes of [
    frontend.query('select 1').subarray(0, 7),
    Buffer.concat([frontend.parse('', 'select 1'), frontend.flush]),
    Buffer.concat([frontend.query('begin'), frontend.query('create table half (n int)')]),
    frontend.query(`select repeat('x', 1000000) from generate_series(1, 10)`),
  ]) {
    const client = await rawClientOf(local)
    client.send(bytes)
    await new Promise((resolve) => setTimeout(resolve, 20))
    client.socket.resetAndDestroy()
    expect(await column(other, `select coalesce(to_regclass('half')::text, 'none')`)).toEqual([
      'none',
    ])
  }
})

test('a client that does not read is not served further, and nobody waits for it', async () => {
  const slow = connect(local.port, '127.0.0.1')
  onTestFinished(() => void slow.destroy())
  slow.write(startupPacket({ user: 'postgres', database: 'postgres' }))
  await once(slow, 'data')
  slow.pause()
  const big = frontend.query(`select repeat('x', 1000000) from generate_series(1, 10)`)
  const served = local.host.session.traffic
  slow.write(Buffer.concat(Array.from({ length: 20 }, () => big)))
  const other = await connectTo(local)
  await expect.poll(() => local.host.session.traffic).toBeGreaterThan(served)
  expect(await column(other, 'select 1')).toEqual([1])
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(local.host.session.traffic - served).toBeLessThan(10)
  let received = 0
  slow.on('data', (chunk: Buffer) => (received += chunk.length))
  slow.resume()
  await expect.poll(() => received, { timeout: 20_000 }).toBeGreaterThan(200_000_000)
})

test('a result of 50 MB arrives whole, and a parameter of 20 MB', async () => {
  const client = await connectTo(local)
  const { rows } = await client.query<{ text: string }>(
    `select repeat('x', 5000000) as text from generate_series(1, 10)`,
  )
  expect(rows.reduce((sum, row) => sum + row.text.length, 0)).toBe(50_000_000)
  const { rows: lengths } = await client.query('select length($1::text) as n', ['y'.repeat(2e7)])
  expect(lengths).toEqual([{ n: 2e7 }])
})

test.each([
  ['protocol 2.0', Buffer.from([0, 0, 0, 8, 0, 2, 0, 0]), '0A000'],
  ['protocol 4.0', Buffer.from([0, 0, 0, 8, 0, 4, 0, 0]), '0A000'],
  ['no user', startupPacket({ database: 'postgres' }), '28000'],
  ['replication', startupPacket({ user: 'postgres', replication: 'database' }), '0A000'],
  ['another encoding', startupPacket({ user: 'postgres', client_encoding: 'LATIN1' }), '0A000'],
  ['a packet too short', Buffer.from([0, 0, 0, 7, 0, 0, 0]), '08P01'],
  ['TLS without asking', Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1]), '08P01'],
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), '08P01'],
])('%s is answered with an error', async (_, bytes, code) => {
  const client = await RawClient.open(local.port)
  client.send(bytes)
  expect(await client.untilClosed()).toContain(`E:${code}`)
})

test.each([
  ['create database other', '0A000'],
  [`select 1; create database other`, '0A000'],
  [`create subscription s connection 'host=x' publication p`, '0A000'],
  [`prepare transaction 'x'`, '0A000'],
  [
    `create collation c (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
    '0A000',
  ],
  [`CREATE COLLATION c (LOCALE = 'de', PROVIDER = 'icu')`, '0A000'],
  [`create collation c (locale = 'de_DE.utf8')`, '0A000'],
  [`create collation c (provider = libc, lc_collate = 'C', lc_ctype = 'fr_FR')`, '0A000'],
  [`create collation c from "de-x-icu"`, '0A000'],
  [`select body from notes order by body collate "en-US-x-icu"`, '0A000'],
  [`create table x (name text collate pg_catalog."en_US")`, '0A000'],
  [`create index on notes (body COLLATE "en_US.utf8")`, '0A000'],
  [`set lc_monetary = 'de_DE.utf8'`, '0A000'],
  [`set session lc_time to "fr_FR"`, '0A000'],
])('%s is refused instead of done wrong', async (sql, code) => {
  const client = await connectTo(local)
  const refusal = { code, hint: expect.stringContaining('real PostgreSQL') as string }
  await expect(client.query(sql)).rejects.toMatchObject(refusal)
})

test.each([
  `select 'create database x' as database`,
  `create collation root (provider = icu, locale = 'und'); drop collation root`,
  `create collation c from "C"; drop collation c`,
  `create collation c (locale = 'C'); drop collation c`,
  `create collation c (provider = builtin, locale = 'C.UTF-8'); drop collation c`,
  `create collation c (provider = icu, locale = 'und', deterministic = false); drop collation c`,
  `select body from notes order by body collate "und-x-icu", body collate "C", body collate pg_catalog.unicode`,
  `set lc_monetary = 'C'; set lc_time to 'en_US.UTF-8'; set lc_messages = 'de_DE'`,
  `select 'collate "en-US-x-icu"' as "de-x-icu"`,
])('%s is run as it is', async (sql) => {
  const client = await connectTo(local)
  await client.query(sql)
})

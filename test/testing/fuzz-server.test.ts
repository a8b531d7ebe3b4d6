import fc from 'fast-check'
import { afterEach, beforeAll, expect, test } from 'vitest'

import { message } from '../../src/testing/server/backend-messages.ts'
import { type LocalHost, snapshotOf, startHost } from './helpers.ts'
import { frontend, RawClient, startupPacket } from './raw-client.ts'

// A few in `npm test`, as many as wanted with PROPERTY_RUNS.
const runs = Number(process.env['PROPERTY_RUNS'] ?? 40)
const timeout = 120_000 + runs * 2_000

let local: LocalHost

beforeAll(async () => {
  local = await startHost(await snapshotOf('create table notes (id int, body text)'), {
    waitLimit: 60,
  })
})

afterEach(() => local.host.reset('next'))

const known = fc.constantFrom('B', 'C', 'D', 'E', 'F', 'H', 'P', 'Q', 'S', 'c', 'd', 'f')
const query = fc.constantFrom(
  'select 1',
  '',
  ';',
  'select 1; select 2',
  'select 1 / 0',
  'selec',
  'begin',
  'commit',
  'rollback',
  `insert into notes values (1, 'x')`,
  'copy notes from stdin',
  'copy notes to stdout',
  'select 1; copy notes from stdin',
  'listen news',
  `notify news, 'x'`,
  'unlisten *',
  'discard all',
  'deallocate all',
  `set work_mem = '5MB'`,
  'create temp table if not exists scratch (n int)',
  'prepare p as select 1',
  'execute p',
  'declare c cursor for select 1',
  'select repeat($$x$$, 100000)',
)
const name = fc.constantFrom('', 'a', 'b')

const wellFormed = fc.oneof(
  query.map((sql) => frontend.query(sql)),
  fc.tuple(name, query).map(([statement, sql]) => frontend.parse(statement, sql)),
  fc.tuple(name, name).map(([portal, statement]) => frontend.bind(portal, statement)),
  name.map((portal) => frontend.execute(portal)),
  name.map((portal) => frontend.executeSome(portal, 1)),
  fc.tuple(fc.constantFrom('S', 'P'), name).map(([kind, of]) => frontend.describe(kind, of)),
  fc.tuple(fc.constantFrom('S', 'P'), name).map(([kind, of]) => frontend.close(kind, of)),
  fc.constantFrom(frontend.sync, frontend.flush, frontend.copyDone),
  fc.constantFrom('1\tx\n', 'x\n', '\\.\n').map((text) => frontend.copyData(text)),
  fc.constant(frontend.copyFail('no')),
)

/** A message whose frame is right, and whatever in it. */
const malformed = fc
  .tuple(known, fc.uint8Array({ maxLength: 40 }))
  .map(([type, body]) => message(type, Buffer.from(body)))

const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 30 })

async function sendInPieces(client: RawClient, bytes: Buffer, sizes: number[]): Promise<void> {
  let offset = 0
  for (const size of sizes) {
    if (offset >= bytes.length) return
    client.send(bytes.subarray(offset, offset + size))
    offset += size
    await new Promise((resolve) => setImmediate(resolve))
  }
  client.send(bytes.subarray(offset))
}

/** Others are served, and nothing of the engine broke. */
async function expectAlive(): Promise<void> {
  const client = await RawClient.start(local.port)
  // A transaction that somebody has left open a moment ago may still be in the way.
  await expect
    .poll(async () => await client.ask(frontend.query(`select 'alive'`)), { timeout: 20_000 })
    .toContain('D:alive')
  client.socket.destroy()
  expect(local.broken).toEqual([])
}

/** Cuts the connection off, as it may wait for more. */
async function leave(client: RawClient): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  client.socket.destroy()
}

test('arbitrary bytes never stop the server, at the start or later', { timeout }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 200 }),
      fc.boolean(),
      cuts,
      async (bytes, started, sizes) => {
        const client = started
          ? await RawClient.start(local.port)
          : await RawClient.open(local.port)
        await sendInPieces(client, Buffer.from(bytes), sizes)
        await leave(client)
        await expectAlive()
      },
    ),
    { numRuns: runs },
  )
})

test('a damaged startup packet is answered or waited for', { timeout }, async () => {
  const packet = startupPacket({ user: 'postgres', database: 'postgres' })
  await fc.assert(
    fc.asyncProperty(fc.nat(packet.length - 1), fc.nat(255), cuts, async (at, byte, sizes) => {
      const damaged = Buffer.from(packet)
      damaged[at] = byte
      const client = await RawClient.open(local.port)
      await sendInPieces(client, damaged, sizes)
      await leave(client)
      await expectAlive()
    }),
    { numRuns: runs },
  )
})

test('messages with anything in them never stop the server', { timeout }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(malformed, wellFormed), { minLength: 1, maxLength: 12 }),
      cuts,
      async (messages, sizes) => {
        const client = await RawClient.start(local.port)
        await sendInPieces(client, Buffer.concat(messages), sizes)
        await leave(client)
        await expectAlive()
      },
    ),
    { numRuns: runs },
  )
})

test(
  'well-formed messages in any order, from two at once, leave both in step',
  { timeout },
  async () => {
    const conversation = fc.tuple(fc.array(wellFormed, { maxLength: 12 }), cuts)
    await fc.assert(
      fc.asyncProperty(conversation, conversation, async (...conversations) => {
        const clients = await Promise.all(conversations.map(() => RawClient.start(local.port)))
        await Promise.all(
          conversations.map(async ([messages, sizes], index) => {
            const client = clients[index] as RawClient
            await sendInPieces(client, Buffer.concat(messages), sizes)
            // Whatever state it is in, a client finds its way back: out of a COPY, a sequence, a transaction.
            client.send(frontend.copyFail('over'), frontend.sync, frontend.query('rollback'))
            client.send(frontend.query(`select 'end'`))
            for (;;) {
              const words = await client.until('Z:')
              if (words.includes('D:end')) return
              // Refused while the other one had its transaction open: asked again.
              if (words.includes('E:55P03')) client.send(frontend.query(`select 'end'`))
            }
          }),
        )
        for (const client of clients) client.socket.destroy()
        await expectAlive()
      }),
      { numRuns: runs },
    )
  },
)

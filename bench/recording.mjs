// What it costs to record queries: blocks of small queries with and without it, in turns, on PGlite and on a private
// server. Run after `npm run build`: node bench/recording.mjs [rounds] [queries per block]
import pg from 'pg'

import { Host } from '../dist/testing/host/host.js'
import { SnapshotStore } from '../dist/testing/host/snapshot-store.js'
import { createTestDatabase } from '../dist/testing/index.js'
import { sharedEngineParts } from '../dist/testing/pglite/engine-parts.js'
import { databaseUrl } from '../dist/testing/server/address.js'
import { SocketTap } from '../dist/testing/tap/socket-tap.js'
import { median } from './lib/measure.mjs'

const rounds = Number(process.argv[2] ?? 40)
const block = Number(process.argv[3] ?? 200)
const table = 'CREATE TABLE IF NOT EXISTS notes (id serial PRIMARY KEY, body text)'

// As the tests of an application send them: a few rows, with parameters.
const work = async (client) => {
  for (let n = 0; n < block / 4; n++) {
    await client.query('INSERT INTO notes (body) VALUES ($1) RETURNING id', [`note ${n}`])
    await client.query('SELECT * FROM notes WHERE id = $1', [n])
    await client.query('SELECT $1::int + 1 AS n', [n])
    await client.query('SELECT id, body FROM notes ORDER BY id LIMIT 10')
  }
}

async function connect(url) {
  const client = new pg.Client(url)
  await client.connect()
  return client
}

/** Blocks of all variants, one after the other, in an order that changes. */
async function compare(variants) {
  const times = variants.map(() => ({ wall: [], cpu: [] }))
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < variants.length; turn++) {
      const index = (round + turn) % variants.length
      const { client, clear } = variants[index]
      await client.query(table)
      await client.query('TRUNCATE notes RESTART IDENTITY')
      await clear()
      const cpu = process.cpuUsage()
      const start = performance.now()
      await work(client)
      times[index].wall.push(performance.now() - start)
      const used = process.cpuUsage(cpu)
      times[index].cpu.push((used.user + used.system) / 1000)
    }
  }
  return times.map(({ wall, cpu }) => ({ wall: median(wall), cpu: median(cpu) }))
}

function report(engine, variants, results) {
  const [base] = results
  const perQuery = (ms) => `${((ms / block) * 1000).toFixed(1)} µs`
  for (const [index, { name }] of variants.entries()) {
    const { wall, cpu } = results[index]
    const more = (wall / base.wall - 1) * 100
    console.log(
      `${engine.padEnd(12)} ${name.padEnd(24)} ${perQuery(wall)} a query (${more >= 0 ? '+' : ''}${more.toFixed(1)} %), ` +
        `processor ${perQuery(cpu)} (${cpu >= base.cpu ? '+' : '-'}${perQuery(Math.abs(cpu - base.cpu))})`,
    )
  }
}

const root = process.cwd()
const store = new SnapshotStore({
  folder: undefined,
  explicit: false,
  seeds: [],
  root,
  cache: true,
})
// One engine for all, in this thread, so that nothing but the recording is different.
const options = {
  waitLimit: 1000,
  log: false,
  material: async () => ({ snapshot: await store.get(), parts: await sharedEngineParts() }),
  onStrays: () => {},
  onBooted: () => {},
  onBroken: () => {},
}
const host = new Host(options)
const hostUrl = databaseUrl(await host.listen())
const plain = await connect(hostUrl)
options.log = true
const recorded = await connect(hostUrl)
options.log = false
const tap = SocketTap.install()
tap.watch(hostUrl)
const tapped = await connect(hostUrl)
options.log = true
const both = await connect(hostUrl)
const clear = () => {
  host.sent.clear()
  tap.log.clear()
}
const pglite = [
  { name: 'not recorded', client: plain, clear },
  { name: 'recorded by the host', client: recorded, clear },
  { name: 'heard by the tap', client: tapped, clear },
  { name: 'both, as in a test', client: both, clear },
]
report('PGlite', pglite, await compare(pglite))
for (const { client } of pglite) await client.end()
await host.close()

const database = await createTestDatabase({ engine: 'postgres', migrations: false })
const before = await connect(database.url)
tap.watch(database.url)
const after = await connect(database.url)
const server = [
  { name: 'not recorded', client: before, clear: () => {} },
  {
    name: 'recorded by the tap',
    client: after,
    clear: () => tap.log.clear(),
  },
]
report('PostgreSQL', server, await compare(server))
for (const { client } of server) await client.end()
await database.close()

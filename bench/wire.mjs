// Latency of one query after the other: through the server of a test database, against PGlite's own
// API in this process and against pglite-socket (both in a thread, as a test sees them).
// Run after `npm run build`: node bench/wire.mjs [queries] [folder with @electric-sql/pglite-socket]
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'

import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'

import { createTestDatabase } from '../dist/testing/index.js'
import { median } from './lib/measure.mjs'

const count = Number(process.argv[2] ?? 300)
const socketFolder = process.argv[3]
const rounds = 21
const table = 'CREATE TABLE IF NOT EXISTS notes (id serial PRIMARY KEY, body text)'

const queries = {
  'select 1': (client) => client.query('SELECT 1'),
  'with a parameter': (client, n) => client.query('SELECT $1::int + 1 AS n', [n]),
  'insert returning': (client, n) =>
    client.query('INSERT INTO notes (body) VALUES ($1) RETURNING id', [`note ${n}`]),
  '100 rows': (client) => client.query(`SELECT n, 'row ' || n FROM generate_series(1, 100) n`),
}

async function connect(url) {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(table)
  return client
}

/** pglite-socket as it is documented, in a thread. */
async function startLibrary(folder) {
  const entry = (name) => {
    const found = createRequire(join(resolve(folder), 'index.js')).resolve(name)
    return pathToFileURL(found.replace(/\.cjs$/, '.js')).href
  }
  const source = `
    import { parentPort } from 'node:worker_threads'
    const { PGlite } = await import(${JSON.stringify(entry('@electric-sql/pglite'))})
    const { PGLiteSocketServer } = await import(${JSON.stringify(entry('@electric-sql/pglite-socket'))})
    const server = new PGLiteSocketServer({
      db: await PGlite.create(), port: 0, host: '127.0.0.1', maxConnections: 10,
    })
    server.addEventListener('listening', (event) => parentPort.postMessage(event.detail.port))
    await server.start()`
  const thread = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`))
  const port = await new Promise((done, failed) => {
    thread.once('message', done)
    thread.once('error', failed)
  })
  return { thread, url: `postgres://postgres:postgres@127.0.0.1:${port}/postgres` }
}

const database = await createTestDatabase({ engine: 'pglite' })
const inProcess = await PGlite.create()
await inProcess.exec(table)
const library =
  socketFolder && existsSync(socketFolder) ? await startLibrary(socketFolder) : undefined
const clients = { 'this server': await connect(database.url) }
if (library) clients['pglite-socket'] = await connect(library.url)
clients['PGlite in process'] = inProcess

console.log(`ms per query, median of ${rounds} rounds of ${count}, Node ${process.version}`)
for (const [title, run] of Object.entries(queries)) {
  const times = Object.fromEntries(Object.keys(clients).map((name) => [name, []]))
  for (let round = -1; round < rounds; round++) {
    for (const [name, client] of Object.entries(clients)) {
      const start = performance.now()
      for (let n = 0; n < count; n++) await run(client, n)
      if (round >= 0) times[name].push((performance.now() - start) / count)
    }
  }
  const own = median(times['this server'])
  const others = Object.entries(times).map(
    ([name, values]) =>
      `${name} ${median(values).toFixed(3)} (${(own / median(values)).toFixed(2)} x)`,
  )
  console.log(`  ${title.padEnd(18)} ${others.join('   ')}`)
}

await clients['this server'].end()
await clients['pglite-socket']?.end()
await database.close()
await library?.thread.terminate()
await inProcess.close()

// What a reset costs on PostgreSQL, as a client sees it, by the number of tables.
// Run after `npm run build`: node bench/reset-postgres.mjs [rounds] [url of an empty server's database]
import pg from 'pg'

import { openDatabase } from '../dist/index.js'
import { stayReplica } from '../dist/testing/baseline/replica-session.js'
import { ServerBaseline } from '../dist/testing/baseline/server-baseline.js'
import { median } from './lib/measure.mjs'
import { startPostgres } from './lib/postgres.mjs'
import { tables } from './lib/tables.mjs'

const count = Number(process.argv[2] ?? 60)
const WRITES = `INSERT INTO users (email) VALUES ('a'), ('b'), ('c'); INSERT INTO t1 (name) VALUES ('x'); INSERT INTO t2 (name) VALUES ('x')`

const server = process.argv[3] ? undefined : await startPostgres()
const adminUrl = process.argv[3] ?? server.adminUrl

async function measure(tableCount) {
  const name = `bench_${tableCount}`
  const admin = new pg.Client(adminUrl)
  await admin.connect()
  await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  await admin.query(`CREATE DATABASE ${name}`)
  const url = new URL(adminUrl)
  url.pathname = name
  const session = new pg.Client(url.href)
  const client = new pg.Client(url.href)
  await session.connect()
  await client.connect()
  await client.query(tables(tableCount))
  await client.query('ANALYZE')
  const resetting = await openDatabase(session)
  await stayReplica(resetting)
  const baseline = new ServerBaseline(resetting)
  await baseline.capture()
  const times = { 'SELECT 1': [], read: [], 'rows of 3 tables': [] }
  const timed = async (kind, sql, work = () => baseline.reset()) => {
    await client.query(sql)
    const start = performance.now()
    await work()
    times[kind].push(performance.now() - start)
  }
  for (let round = -5; round < count; round++) {
    if (round === 0) for (const values of Object.values(times)) values.length = 0
    await timed('SELECT 1', 'SELECT 1', () => session.query('SELECT 1'))
    await timed('rows of 3 tables', WRITES)
    await timed('read', 'SELECT * FROM t1')
  }
  const { rows } = await client.query('SELECT count(*)::int AS n FROM users')
  if (rows[0].n !== 0) throw new Error('the reset left rows')
  await client.end()
  await session.end()
  await admin.query(`DROP DATABASE ${name} WITH (FORCE)`)
  await admin.end()
  const cells = Object.entries(times).map(([kind, values]) => {
    const best = Math.min(...values).toFixed(2)
    return `${kind} ${median(values).toFixed(2)} (min ${best})`
  })
  console.log(`${String(tableCount).padStart(5)} tables: ${cells.join(' · ')}`)
}

console.log(`reset in ms, median of ${count}, Node ${process.version}`)
try {
  for (const tableCount of [30, 300, 1000]) await measure(tableCount)
} finally {
  await server?.stop()
}

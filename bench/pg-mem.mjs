// pg-mem beside PGlite, by the number of tables: until the first query, and a reset after writes.
// Run after `npm run build`: node bench/pg-mem.mjs [rounds]
import pg from 'pg'

import { createMemoryDatabase, createTestDatabase } from '../dist/testing/index.js'
import { median } from './lib/measure.mjs'
import { createTablesProject } from './lib/tables.mjs'

const count = Number(process.argv[2] ?? 30)
const WRITES = [
  `INSERT INTO users (email) VALUES ('a'), ('b'), ('c')`,
  `INSERT INTO t1 (name) VALUES ('x')`,
  `INSERT INTO t2 (name) VALUES ('x')`,
]

async function measure(name, open) {
  const start = performance.now()
  const { database, client } = await open()
  await client.query('SELECT id FROM users')
  const ready = performance.now() - start
  const times = { writes: [], reset: [] }
  for (let round = -3; round < count; round++) {
    const begin = performance.now()
    for (const sql of WRITES) await client.query(sql)
    const written = performance.now()
    await database.reset()
    if (round < 0) continue
    times.writes.push(written - begin)
    times.reset.push(performance.now() - written)
  }
  const { rows } = await client.query('SELECT count(*) AS n FROM users')
  if (rows[0].n !== '0') throw new Error('the reset left rows')
  await client.end()
  await database.close()
  const cells = Object.entries(times).map(
    ([what, values]) =>
      `${what} ${median(values).toFixed(3)} (min ${Math.min(...values).toFixed(3)})`,
  )
  console.log(`  ${name.padEnd(18)} ready ${ready.toFixed(0)} · ${cells.join(' · ')}`)
}

console.log(`ms, median of ${count}, Node ${process.version}`)
for (const tableCount of [30, 300]) {
  const { folder } = createTablesProject(tableCount)
  console.log(`${tableCount} tables`)
  const pglite = (cache) => async () => {
    const database = await createTestDatabase({ migrations: folder, cache })
    const client = new pg.Client(database.url)
    await client.connect()
    return { database, client }
  }
  await measure('pg-mem', async () => {
    const database = await createMemoryDatabase({ migrations: folder })
    return { database, client: new (database.createPg().Client)() }
  })
  await measure('PGlite', pglite(false))
  // Fills the cache.
  await (await createTestDatabase({ engine: 'pglite', migrations: folder })).close()
  await measure('PGlite, cached', pglite(true))
}

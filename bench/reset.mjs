// What a reset costs, as the thread of the tests sees it, by the number of tables.
// Run after `npm run build`: node bench/reset.mjs [rounds]
import pg from 'pg'

import { createTestDatabase } from '../dist/testing/index.js'
import { median } from './lib/measure.mjs'
import { createTablesProject } from './lib/tables.mjs'

const count = Number(process.argv[2] ?? 60)
const WRITES = `INSERT INTO users (email) VALUES ('a'), ('b'), ('c'); INSERT INTO t1 (name) VALUES ('x'); INSERT INTO t2 (name) VALUES ('x')`

async function measure(tableCount, reset) {
  const { folder } = createTablesProject(tableCount)
  const database = await createTestDatabase({ engine: 'pglite', migrations: folder, reset })
  const client = new pg.Client(database.url)
  await client.connect()
  const times = { unused: [], read: [], 'rows of 3 tables': [], 'a new table': [] }
  const timed = async (name, sql) => {
    if (sql) await client.query(sql)
    const start = performance.now()
    await database.reset()
    times[name].push(performance.now() - start)
  }
  // One kind after the other: restoring everything puts the engine's caches back as well.
  for (const [name, sql] of [
    ['unused', undefined],
    ['read', 'SELECT * FROM t1'],
    ['rows of 3 tables', WRITES],
    ['a new table', 'CREATE TABLE more (id int)'],
  ]) {
    for (let round = -5; round < count; round++) {
      if (round === 0) times[name].length = 0
      await timed(name, sql)
    }
  }
  const { rows } = await client.query('SELECT count(*)::int AS n FROM users')
  if (rows[0].n !== 0) throw new Error('the reset left rows')
  await client.end()
  await database.close()
  const cells = Object.entries(times).map(([name, values]) => {
    const best = Math.min(...values).toFixed(2)
    return `${name} ${median(values).toFixed(2)} (min ${best})`
  })
  console.log(`${String(tableCount).padStart(5)} tables, ${reset}: ${cells.join(' · ')}`)
}

console.log(`reset in ms, median of ${count}, Node ${process.version}`)
for (const tableCount of [30, 300, 1000]) {
  await measure(tableCount, 'auto')
  await measure(tableCount, 'full')
}

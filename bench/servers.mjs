// A migrated database that answers its first query: a private PostgreSQL (copy, start, clone, query) against
// PGlite's own way, `PGlite.create({ loadDataDir })` of the same schema, and resets on it as the tests see them.
// Run after `npm run build`: node bench/servers.mjs [rounds] [tables]
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'

import { createTestDatabase } from '../dist/testing/index.js'
import { median, timed } from './lib/measure.mjs'
import { createTablesProject, tables } from './lib/tables.mjs'

const [mode, ...rest] = process.argv.slice(2)
if (mode === 'stock') await stock(...rest)
else if (mode === 'ours') await ours(...rest)
else await main(Number(mode ?? 5), Number(rest[0] ?? 30))

async function stock(dump) {
  const start = performance.now()
  const database = await PGlite.create({ loadDataDir: new Blob([readFileSync(dump)]) })
  await database.query('SELECT count(*) FROM users')
  console.log(JSON.stringify({ ready: performance.now() - start }))
  process.exit(0)
}

async function ours(folder) {
  const start = performance.now()
  const database = await createTestDatabase({ migrations: folder, engine: 'postgres' })
  const client = new pg.Client(database.url)
  await client.connect()
  await client.query('SELECT count(*) FROM users')
  const ready = performance.now() - start

  const written = []
  const unused = []
  for (let round = 0; round < 50; round++) {
    await client.query(`INSERT INTO users (email) VALUES ('a')`)
    await client.query(`INSERT INTO t1 (name) VALUES ('a')`)
    await client.query(`INSERT INTO t2 (name) VALUES ('a')`)
    written.push(await duration(() => database.reset()))
    await client.query('SELECT FROM users')
    unused.push(await duration(() => database.reset()))
  }
  await client.end()
  await database.close()
  console.log(JSON.stringify({ ready, written: median(written), unused: median(unused) }))
  process.exit(0)
}

async function duration(work) {
  const start = performance.now()
  await work()
  return performance.now() - start
}

async function main(count, tableCount) {
  const cache = mkdtempSync(join(tmpdir(), 'faasjs-pg-bench-cache-'))
  process.on('exit', () => rmSync(cache, { recursive: true, force: true }))
  process.env.FAASJS_PG_CACHE = cache
  const project = createTablesProject(tableCount)
  const dumpFile = join(project.root, 'dump.tar')
  const database = await PGlite.create()
  await database.exec(tables(tableCount))
  const blob = await database.dumpDataDir('none')
  writeFileSync(dumpFile, Buffer.from(await blob.arrayBuffer()))
  await database.close()

  const script = fileURLToPath(import.meta.url)
  const run = (name, path) => JSON.parse(timed(process.execPath, [script, name, path]).stdout)
  const results = { stock: [], ours: [] }
  for (let round = -1; round < count; round++) {
    const [theirs, mine] = [run('stock', dumpFile), run('ours', project.folder)]
    // The first round fills the cache.
    if (round < 0) continue
    results.stock.push(theirs)
    results.ours.push(mine)
  }
  const of = (name, fact) => median(results[name].map((result) => result[fact]))
  const [theirs, mine] = [of('stock', 'ready'), of('ours', 'ready')]
  console.log(`${tableCount} tables, median of ${count}, Node ${process.version}`)
  console.log(
    `ready      stock PGlite ${theirs.toFixed(0)} ms · private PostgreSQL ${mine.toFixed(0)} ms · ${(mine / theirs).toFixed(2)} x`,
  )
  console.log(
    `reset      rows of 3 tables ${of('ours', 'written').toFixed(2)} ms · nothing written ${of('ours', 'unused').toFixed(2)} ms`,
  )
}

// The first database of a fresh process with a warm cache, and the second one, each with a query, against PGlite's own way:
// `PGlite.create({ loadDataDir })` of the same schema. Memory of a further database as well.
// Run after `npm run build`: node bench/boot.mjs [rounds]
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'

import { createTestDatabase } from '../dist/testing/index.js'
import { median, rounds, timed } from './lib/measure.mjs'
import { createTablesProject, tables } from './lib/tables.mjs'

const [mode, folder, dump] = process.argv.slice(2)
if (mode === 'stock' || mode === 'ours') await child()
else await main(Number(mode ?? 7))

async function child() {
  const open = async () => {
    const start = performance.now()
    if (mode === 'stock') {
      const database = await PGlite.create({ loadDataDir: new Blob([readFileSync(dump)]) })
      await database.query('SELECT count(*) FROM users')
    } else {
      const { url } = await createTestDatabase({ engine: 'pglite', migrations: folder })
      const client = new pg.Client(url)
      await client.connect()
      await client.query('SELECT count(*) FROM users')
    }
    return { elapsed: performance.now() - start, memory: process.memoryUsage().rss / 2 ** 20 }
  }
  const first = await open()
  const second = await open()
  const third = await open()
  console.log(JSON.stringify({ first, second, third }))
  process.exit(0)
}

async function main(count) {
  const project = createTablesProject(30)
  const dumpFile = join(project.root, 'dump.tar')
  const database = await PGlite.create()
  await database.exec(tables(30))
  const blob = await database.dumpDataDir('none')
  writeFileSync(dumpFile, Buffer.from(await blob.arrayBuffer()))
  await database.close()

  const script = fileURLToPath(import.meta.url)
  const results = { stock: [], ours: [] }
  const run = (name) => () => {
    const { stdout } = timed(process.execPath, [script, name, project.folder, dumpFile])
    const result = JSON.parse(stdout)
    results[name].push(result)
    return result.first.elapsed
  }
  await rounds({ stock: run('stock'), ours: run('ours') }, count)
  // Without the warm-up, which filled the cache.
  const of = (name, pick) => median(results[name].slice(1).map(pick))
  const line = (title, unit, pick) => {
    const [stock, ours] = [of('stock', pick), of('ours', pick)]
    console.log(
      `${title.padEnd(28)} stock ${stock.toFixed(0)} ${unit} · ours ${ours.toFixed(0)} ${unit} · ${(ours / stock).toFixed(2)} x`,
    )
  }
  console.log(`30 tables, median of ${count}, Node ${process.version}`)
  line('first database', 'ms', ({ first }) => first.elapsed)
  line('second database', 'ms', ({ second }) => second.elapsed)
  line('third database', 'ms', ({ third }) => third.elapsed)
  line('memory of the third', 'MB', ({ second, third }) => third.memory - second.memory)
}

// 1,000 pending migrations on a server (create a table, two indexes, add a column), against psql with
// a transaction for each. Run after `npm run build`: node bench/migrate.mjs [count] [rounds]
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

import pg from 'pg'

import { SchemaBuilder } from '../dist/index.js'
import { rounds, report, timed } from './lib/measure.mjs'
import { createProject } from './lib/migrations.mjs'
import { startPostgres } from './lib/postgres.mjs'

const count = Number(process.argv[2] ?? 1000)
const runs = Number(process.argv[3] ?? 3)
const bin = fileURLToPath(new URL('../bin/faasjs-pg.js', import.meta.url))
const loader = new URL('../dist/migration/load.js', import.meta.url).href

const server = await startPostgres()
try {
  const typed = createProject(count, 'ts')
  const plain = createProject(count, 'mjs')
  const script = join(plain.root, 'all.sql')
  writeFileSync(script, await sqlScript(plain))
  const importAll = join(plain.root, 'import-all.mjs')
  writeFileSync(importAll, loadScript())

  let number = 0
  const freshDatabase = async () => {
    const name = `bench${number++}`
    await query(server.url, `CREATE DATABASE ${name}`)
    const url = new URL(server.url)
    url.pathname = name
    return url.href
  }
  const onDatabase = async (command, args, cwd) => {
    const url = await freshDatabase()
    const env = { ...process.env, DATABASE_URL: url }
    const { elapsed } = timed(
      command,
      args.map((arg) => (arg === '<url>' ? url : arg)),
      { cwd, env },
    )
    await check(url)
    return elapsed
  }
  const hasPsql = spawnSync('psql', ['--version']).status === 0
  const floor = hasPsql
    ? 'psql, one transaction per migration'
    : 'node + pg, one message per migration'
  const times = await rounds(
    {
      ...(hasPsql && {
        [floor]: () =>
          onDatabase('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', '<url>', '-f', script]),
      }),
      'faasjs-pg migrate, .mjs': () => onDatabase(process.execPath, [bin, 'migrate'], plain.root),
      'faasjs-pg migrate, .ts': () => onDatabase(process.execPath, [bin, 'migrate'], typed.root),
    },
    runs,
  )
  report(`${count} pending migrations, Node ${process.version}`, times, Object.keys(times)[0])

  const loads = await rounds(
    {
      'import of .mjs': () => loadMs(importAll, plain.folder),
      'import of .ts': () => loadMs(importAll, typed.folder),
    },
    Math.max(runs, 5),
  )
  report(`loading ${count} files, Node ${process.version}`, loads, 'import of .mjs')
} finally {
  await server.stop()
}

/** What the migrations do, as psql reads it. */
async function sqlScript({ folder, names }) {
  const parts = [
    'CREATE TABLE faasjs_pg_migrations (name varchar(255) PRIMARY KEY, migration_time timestamptz);',
  ]
  for (const name of names) {
    const builder = new SchemaBuilder()
    const { up } = await import(pathToFileURL(join(folder, `${name}.mjs`)).href)
    up(builder)
    parts.push(
      'BEGIN;',
      ...builder.toSQL().map((sql) => `${sql};`),
      `INSERT INTO faasjs_pg_migrations VALUES ('${name}', now());`,
      'COMMIT;',
    )
  }
  return parts.join('\n')
}

/** A script that loads a folder as the migrator does, and says how long it took. */
function loadScript() {
  return `import { readdirSync } from 'node:fs'
import { join } from 'node:path'
const { loadMigration } = await import('${loader}')
const folder = process.argv[2]
const files = readdirSync(folder).sort()
const start = performance.now()
let ups = 0
for (const name of files) if ((await loadMigration({ name, path: join(folder, name) })).up) ups++
console.log(JSON.stringify({ ups, elapsed: performance.now() - start }))
`
}

function loadMs(script, folder) {
  const { stdout } = timed(process.execPath, [script, folder])
  const { ups, elapsed } = JSON.parse(stdout)
  if (ups !== count) throw new Error(`loaded ${ups} of ${count}`)
  return elapsed
}

async function query(url, sql) {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** A run counts only when it has done the work. */
async function check(url) {
  const [row] = await query(
    url,
    `SELECT (SELECT count(*)::int FROM faasjs_pg_migrations) AS rows,
       (SELECT count(*)::int FROM pg_indexes WHERE tablename LIKE 't%' AND schemaname = 'public') AS indexes,
       (SELECT count(*)::int FROM pg_attribute WHERE attname = 'extra') AS columns`,
  )
  const expected = { rows: count, indexes: count * 3, columns: count }
  if (JSON.stringify(row) !== JSON.stringify(expected)) {
    throw new Error(`expected ${JSON.stringify(expected)}, found ${JSON.stringify(row)}`)
  }
}

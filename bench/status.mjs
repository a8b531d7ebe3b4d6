// `faasjs-pg status` with 1,000 migrations on a server, against a bare script with `pg`.
// Run after `npm run build`: node bench/status.mjs [rounds]
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import pg from 'pg'

import { rounds, report, timed } from './lib/measure.mjs'
import { createProject } from './lib/migrations.mjs'
import { startPostgres } from './lib/postgres.mjs'

const count = 1000
const bin = fileURLToPath(new URL('../bin/faasjs-pg.js', import.meta.url))
const driver = import.meta.resolve('pg')

const server = await startPostgres()
try {
  const { root, names } = createProject(count, 'ts')
  const client = new pg.Client(server.url)
  await client.connect()
  await client.query(
    'CREATE TABLE faasjs_pg_migrations (name varchar(255) PRIMARY KEY, migration_time timestamptz)',
  )
  await client.query(
    `INSERT INTO faasjs_pg_migrations SELECT name, now() + number * interval '1 ms' FROM unnest($1::text[]) WITH ORDINALITY AS t (name, number)`,
    [names],
  )
  await client.end()

  const bare = join(root, 'bare.mjs')
  writeFileSync(
    bare,
    `import pg from '${driver}'
const client = new pg.Client(process.env.DATABASE_URL)
await client.connect()
await client.query('SELECT 1')
await client.end()
`,
  )
  const options = { cwd: root, env: { ...process.env, DATABASE_URL: server.url } }
  const node = (...args) => timed(process.execPath, args, options)
  const status = () => {
    const { elapsed, stdout } = node(bin, 'status')
    const applied = stdout.match(/^applied /gm)?.length
    if (applied !== count) throw new Error(`status shows ${applied} of ${count}`)
    return elapsed
  }
  const times = await rounds(
    {
      'bare node + pg, one query': () => node(bare).elapsed,
      'faasjs-pg status': status,
      'faasjs-pg --help': () => node(bin, '--help').elapsed,
      'node -e 0': () => node('-e', '0').elapsed,
    },
    Number(process.argv[2] ?? 15),
  )
  report(`status with ${count} files, Node ${process.version}`, times, 'bare node + pg, one query')
} finally {
  await server.stop()
}

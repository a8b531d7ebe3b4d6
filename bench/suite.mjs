// A Vitest suite of 30 tables whose tests write 5 rows to 3 tables and assert emptiness and ids, against the
// same suite without a database: what a file and a test cost on top, and where a file's cost comes from.
// Run after `npm run build`: node bench/suite.mjs [rounds] [files]
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { median, rounds, timed } from './lib/measure.mjs'
import { createTablesProject } from './lib/tables.mjs'

const count = Number(process.argv[2] ?? 3)
const files = Number(process.argv[3] ?? 40)
const testsPerFile = 10
const packageRoot = fileURLToPath(new URL('..', import.meta.url))

const TEST = `import { afterAll, expect, test } from 'vitest'
import { query, end } from './db.mjs'
afterAll(end)
for (let n = 0; n < ${testsPerFile}; n++) {
  test('test ' + n, async () => {
    expect((await query('SELECT count(*)::int AS n FROM users'))[0].n).toBe(0)
    const [{ id }] = await query("INSERT INTO users (email) VALUES ('a') RETURNING id")
    expect(id).toBe(1)
    await query("INSERT INTO users (email) VALUES ('b')")
    await query('INSERT INTO t1 (user_id) VALUES (1), (2)')
    await query('INSERT INTO t2 (user_id) VALUES (1)')
  })
}
`
const STUB = `export const query = async () => [{ n: 0, id: 1 }]
export const end = () => {}
`
// What loading the client costs, which is the project's own.
const LOADED = `import pg from 'pg'
new pg.Pool({ max: 2 })
${STUB}`
const CLIENT = `import pg from 'pg'
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 })
export const query = async (sql) => (await pool.query(sql)).rows
export const end = () => pool.end()
`

function createSuite(client, plugin) {
  const { root } = createTablesProject(30)
  writeFileSync(join(root, 'db.mjs'), client)
  for (let file = 0; file < files; file++) writeFileSync(join(root, `file${file}.test.mjs`), TEST)
  const use = plugin ? "import { PgVitestPlugin } from '@faasjs/pg/vitest'\n" : ''
  writeFileSync(
    join(root, 'vitest.config.mjs'),
    `${use}export default { plugins: [${plugin ? 'PgVitestPlugin()' : ''}], test: { maxWorkers: 2, minWorkers: 1 } }\n`,
  )
  for (const name of [
    'vitest',
    'pg',
    '@electric-sql/pglite',
    'commander',
    'fast-glob',
    'oxc-transform',
    'tinyexec',
  ]) {
    const link = join(root, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(packageRoot, 'node_modules', name), link, 'dir')
  }
  const own = join(root, 'node_modules/@faasjs/pg')
  mkdirSync(own, { recursive: true })
  for (const part of ['package.json', 'dist'])
    cpSync(join(packageRoot, part), join(own, part), { recursive: true })
  return root
}

const suites = {
  floor: createSuite(STUB, false),
  'client loaded': createSuite(LOADED, false),
  'plugin, no query': createSuite(LOADED, true),
  ours: createSuite(CLIENT, true),
}
let line = ''
const run = (name) => () => {
  const { elapsed, stdout } = timed(process.execPath, ['node_modules/vitest/vitest.mjs', 'run'], {
    cwd: suites[name],
    env: { ...process.env, NO_COLOR: '1' },
  })
  if (!stdout.includes(`${files * testsPerFile} passed`)) throw new Error(stdout)
  line = stdout.match(/\[@faasjs\/pg\].*/)?.[0] ?? line
  return elapsed
}
const times = await rounds(
  Object.fromEntries(Object.keys(suites).map((name) => [name, run(name)])),
  count,
)
const floor = median(times.floor)
console.log(
  `${files} files x ${testsPerFile} tests, 30 tables, 2 workers, median of ${count}, Node ${process.version}`,
)
for (const [name, values] of Object.entries(times)) {
  const over = (median(values) - floor) / files
  console.log(
    `${name.padEnd(18)} ${median(values).toFixed(0)} ms · over the floor: ${over.toFixed(1)} ms per file, ` +
      `${(over / testsPerFile).toFixed(2)} ms per test`,
  )
}
console.log(line)

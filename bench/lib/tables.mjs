import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** SQL of tables with foreign keys: `users`, and others that refer to it. */
export function tables(count) {
  const statements = [
    'CREATE TABLE users (id serial PRIMARY KEY, email text UNIQUE, name text, meta jsonb, created_at timestamptz DEFAULT now())',
  ]
  for (let number = 1; number < count; number++) {
    statements.push(
      `CREATE TABLE t${number} (id serial PRIMARY KEY, name text, data jsonb, user_id int REFERENCES users (id))`,
      `CREATE INDEX ON t${number} (name)`,
    )
  }
  return statements.join(';\n')
}

/** A folder outside of this package, with one migration; removed when the process ends. */
export function createTablesProject(count) {
  const root = mkdtempSync(join(tmpdir(), 'faasjs-pg-bench-'))
  process.on('exit', () => rmSync(root, { recursive: true, force: true }))
  const folder = join(root, 'src/db/migrations')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(root, 'package.json'), '{"type":"module"}')
  writeFileSync(join(folder, '20260101000000000-create-tables.sql'), `${tables(count)};\n`)
  return { root, folder }
}

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A table, two indexes and a further column. */
const migration = (
  number,
  typed,
) => `${typed ? "import type { SchemaBuilder } from '@faasjs/pg'\n\n" : ''}export function up(builder${typed ? ': SchemaBuilder): void' : ')'} {
  builder.createTable('t${number}', (table) => {
    table.number('id').primary()
    table.string('name')
    table.string('email')
    table.jsonb('data').nullable()
    table.timestamps()
    table.index(['name'])
    table.index(['email', 'name'])
  })
  builder.alterTable('t${number}', (table) => {
    table.string('extra').nullable()
  })
}

export function down(builder${typed ? ': SchemaBuilder): void' : ')'} {
  builder.dropTable('t${number}')
}
`

/** Writes a project with migrations; removed when the process ends. */
export function createProject(count, extension) {
  const root = mkdtempSync(join(tmpdir(), 'faasjs-pg-bench-'))
  process.on('exit', () => rmSync(root, { recursive: true, force: true }))
  const folder = join(root, 'src/db/migrations')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(root, 'package.json'), '{"type":"module"}')
  const names = []
  for (let number = 0; number < count; number++) {
    const name = `${20260101000000000n + BigInt(number)}-create-t${number}`
    names.push(name)
    writeFileSync(join(folder, `${name}.${extension}`), migration(number, extension === 'ts'))
  }
  return { root, folder, names }
}

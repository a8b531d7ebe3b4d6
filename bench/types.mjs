// How long `tsc` checks a file that describes 500 tables with the builder, against the same file with a
// builder of type `any`. Run after `npm run build`: node bench/types.mjs [rounds] [another tsc]…
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import { report, rounds, timed } from './lib/measure.mjs'

const count = 500
const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(root, 'node_modules', '.bench-types-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

/** A table with a dozen columns, as an application has them; each is a little different. */
function table(number) {
  const owner = number === 0 ? 'table_0' : `table_${(number * 7) % number}`
  return `
  builder.createTable('table_${number}', (table) => {
    table.id()
    table.string('name', ${20 + (number % 200)}).unique()
    table.text('description').nullable().comment('what ${number} is')
    table.enum('status', ['draft', 'active', 'archived_${number}']).defaultTo('draft')
    table.integer('amount').defaultTo(${number}).check('amount >= 0')
    table.decimal('price', 10, 2).defaultTo('0.${number % 100}')
    table.boolean('is_active').defaultTo(${number % 2 === 0})
    table.jsonb('settings').defaultTo({ theme: 'dark', size: ${number}, tags: ['a', 'b'] })
    table.array('labels', 'text').defaultTo([])
    table.date('starts_on').nullable()
    table.timestamptz('seen_at').defaultTo('now()')
    table.uuid('owner_id').references('${owner}', 'id').onDelete('CASCADE').onUpdate('NO ACTION')
    table.timestamps()
    table.softDelete()
    table.unique(['name', 'status'], { nullsNotDistinct: true })
    table.index('owner_id')
    table.index(['status', { column: 'seen_at', order: 'desc' }], { where: 'deleted_at IS NULL' })
  })`
}

const tables = Array.from({ length: count }, (_, number) => table(number)).join('\n')
const files = {
  'with the types of the builder': `import type { SchemaBuilder } from '@faasjs/pg'

export function up(builder: SchemaBuilder): void {${tables}
}
`,
  // The same declarations are read, so that only what the calls cost differs.
  'with a builder of type any': `import type { SchemaBuilder } from '@faasjs/pg'

export type Unused = SchemaBuilder

export function up(builder: any): void {${tables.replaceAll('(table) =>', '(table: any) =>')}
}
`,
}

const projects = Object.entries(files).map(([name, text], index) => {
  const project = join(folder, String(index))
  return { name, project, text }
})
for (const { project, text } of projects) {
  writeFileSync(`${project}.mts`, text)
  writeFileSync(
    `${project}.json`,
    JSON.stringify({
      compilerOptions: {
        target: 'es2023',
        module: 'nodenext',
        strict: true,
        exactOptionalPropertyTypes: true,
        noUncheckedIndexedAccess: true,
        skipLibCheck: true,
        noEmit: true,
        types: ['node'],
      },
      files: [`${project}.mts`],
    }),
  )
}

/** What the compiler says of itself, in milliseconds. */
function compile(tsc, project) {
  const { elapsed, stdout } = timed(process.execPath, [
    tsc,
    '-p',
    `${project}.json`,
    '--extendedDiagnostics',
  ])
  const seconds = Number(/^Check time:\s+([\d.]+)/m.exec(stdout)?.[1])
  if (!(seconds > 0)) throw new Error(`no check time in:\n${stdout}`)
  return { 'whole run of tsc': elapsed, 'checking alone': seconds * 1000 }
}

const [runs = '9', ...others] = process.argv.slice(2)
const compilers = [
  join(root, 'node_modules/typescript/bin/tsc'),
  ...others.map((path) => resolve(path)),
]
for (const tsc of compilers) {
  const version = timed(process.execPath, [tsc, '--version']).stdout.trim()
  const times = await rounds(
    Object.fromEntries(projects.map(({ name, project }) => [name, () => compile(tsc, project)])),
    Number(runs),
  )
  for (const part of ['whole run of tsc', 'checking alone']) {
    report(
      `${count} tables, ${part}, ${version}, Node ${process.version}`,
      Object.fromEntries(
        Object.entries(times).map(([name, found]) => [name, found.map((one) => one[part])]),
      ),
      'with a builder of type any',
    )
  }
}

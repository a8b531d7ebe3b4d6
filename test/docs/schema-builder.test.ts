import { readFileSync } from 'node:fs'

import { citext } from '@electric-sql/pglite/contrib/citext'
import { fuzzystrmatch } from '@electric-sql/pglite/contrib/fuzzystrmatch'
import fastGlob from 'fast-glob'
import { expect, onTestFinished, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import type { Database } from '../../src/database/database.ts'
import { openDatabase } from '../../src/database/open.ts'
import { needsNoTransaction } from '../../src/operations/needs-no-transaction.ts'
import type { Operation } from '../../src/operations/operation.ts'
import { compile } from '../../src/sql/compile.ts'
import { catalog } from '../helpers/catalog.ts'
import { emptyPGliteDatabase } from '../helpers/pglite.ts'
import { startPostgres } from '../helpers/postgres-server.ts'
import { inverse, readReference, recorded, renderReference, runCall } from './reference-page.ts'

const PAGE = 'docs/schema-builder.md'

/** The chapters in their order, each with the file in src/operations whose operations it has. */
const CHAPTERS: Readonly<Record<string, string>> = {
  Tables: 'tables',
  Columns: 'columns',
  Constraints: 'constraints',
  Indexes: 'indexes',
  'Enum types': 'enums',
  'Composite and range types': 'types',
  Domains: 'domains',
  Sequences: 'sequences',
  'Schemas and extensions': 'schemas',
  Comments: 'comments',
  Views: 'views',
  'Functions and procedures': 'routines',
  Aggregates: 'aggregates',
  Triggers: 'triggers',
  'Event triggers': 'event-triggers',
  'Row level security': 'security',
  Privileges: 'privileges',
  Publications: 'publications',
  'SQL of your own, and rows': 'raw',
}

const page = readFileSync(PAGE, 'utf8')
const chapters = readReference(page)

test('one heading for each operation, in the order of the code', () => {
  const written = chapters
    .filter(({ entries }) => entries.length > 0)
    .map(({ title, entries }) => [title, entries.map(({ kind }) => kind)])
  expect(written).toEqual(Object.entries(CHAPTERS).map(([title, file]) => [title, kindsIn(file)]))

  const inChapters = Object.values(CHAPTERS).flatMap(kindsIn)
  expect(inChapters.toSorted()).toEqual(kindsIn('*').toSorted())
  // That one is made by `alterColumn`.
  const withoutCall = inChapters.filter((kind) => !(kind in SchemaBuilder.prototype))
  expect(withoutCall).toEqual(['alterColumnType'])
})

test('each heading has a sentence, and a call that records this operation', () => {
  for (const { kind, text, calls } of chapters.flatMap(({ entries }) => entries)) {
    expect(text, kind).toMatch(/^\n\n[A-Z`][^\n]*\.\s/)
    const kinds = calls.flatMap(recorded).map((operation) => operation.kind)
    expect(kinds).toContain(kind)
  }
})

test('below each call stand its SQL and what undoes it', async () => {
  // After a change on purpose: npx vitest run test/docs/schema-builder.test.ts --update=all
  await expect(renderReference(page)).toMatchFileSnapshot(`../../${PAGE}`)
})

test.for(['PGlite', 'PostgreSQL 18'])('each call runs and is undone on %s', async (engine) => {
  const database = engine === 'PGlite' ? await pglite() : await postgres()
  const [examples, ...others] = chapters
  await run(database, examples?.setup ?? [])
  for (const { title, setup, entries } of others) {
    const before = await catalog(database)
    const undoSetup = await run(database, setup)
    const start = await catalog(database)
    for (const { kind, calls } of entries) {
      const inverted = await run(database, calls)
      // Otherwise it would say nothing that the catalog is the same in the end.
      if (inverted.length > 0) expect(await catalog(database), kind).not.toEqual(start)
      await undo(database, inverted)
      expect(await catalog(database), kind).toEqual(start)
    }
    await undo(database, undoSetup)
    expect(await catalog(database), title).toEqual(before)
  }
})

/** Runs calls, each with a builder of its own, and returns what undoes those that can be undone. */
async function run(database: Database, calls: readonly string[]): Promise<readonly Operation[]> {
  let undone: readonly Operation[] = []
  for (const call of calls) {
    const builder = new SchemaBuilder(database)
    runCall(call, builder)
    const { operations } = builder
    if (operations.some(needsNoTransaction)) await database.run(operations.map(compile))
    else await expect(builder.run(), call).resolves.toBeUndefined()
    undone = [...(inverse(operations) ?? []), ...undone]
  }
  return undone
}

async function undo(database: Database, operations: readonly Operation[]): Promise<void> {
  await database.run(operations.map(compile))
}

async function pglite(): Promise<Database> {
  const database = await emptyPGliteDatabase({ citext, fuzzystrmatch })
  onTestFinished(() => database.close())
  return database
}

/** A server of its own: the page creates roles, which belong to the whole server. */
async function postgres(): Promise<Database> {
  const server = await startPostgres()
  const database = await openDatabase(server.url)
  onTestFinished(async () => {
    await database.close()
    await server.stop()
  })
  return database
}

/** The kinds in a file of src/operations, or in all of them, as they follow each other. */
function kindsIn(file: string): string[] {
  return fastGlob
    .sync(`src/operations/${file}.ts`)
    .flatMap((path) => [...readFileSync(path, 'utf8').matchAll(/^ {2}readonly kind: '(\w+)'/gm)])
    .map(([, kind = '']) => kind)
}

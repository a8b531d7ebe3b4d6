import { readFile } from 'node:fs/promises'

import { expect, onTestFinished, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import type { Database, Executor } from '../../src/database/database.ts'
import { openDatabase } from '../../src/database/open.ts'
import { Migrator } from '../../src/migration/migrator.ts'
import { invertAll } from '../../src/operations/invert.ts'
import { withMemory } from '../../src/operations/memory/schema-memory.ts'
import { compile } from '../../src/sql/compile.ts'
import { catalog } from '../helpers/catalog.ts'
import { emptyPGliteDatabase } from '../helpers/pglite.ts'
import { freshDatabase } from '../helpers/postgres.ts'
import { up as types } from './migrations/20260101000001000-types.ts'
import { up as films } from './migrations/20260101000002000-films.ts'
import { up as stores } from './migrations/20260101000003000-stores.ts'
import { up as payments } from './migrations/20260101000004000-payments.ts'
import { up as routines } from './migrations/20260101000005000-routines.ts'
import { up as views } from './migrations/20260101000006000-views.ts'

const migrations = Object.entries({ types, films, stores, payments, routines, views }).map(
  ([name, up], index) => ({ name: `${index + 1}-${name}`, up }),
)

const ENGINES = ['postgres', 'pglite'] as const
const timeout = 180_000

/** As `initdb` leaves it: the schema is not made anew, as other tests make it. */
async function untouched(engine: (typeof ENGINES)[number]): Promise<Database> {
  if (engine === 'pglite') {
    const database = await emptyPGliteDatabase()
    onTestFinished(() => database.close())
    return database
  }
  const { url, drop } = await freshDatabase()
  onTestFinished(drop)
  const database = await openDatabase(url)
  onTestFinished(() => database.close())
  return database
}

/** The catalog, and the order of columns, and which of them are inherited only. */
async function everything(database: Executor): Promise<unknown> {
  const { rows } = await database.query(
    `SELECT a.attrelid::regclass::text, a.attname, a.attislocal, a.attinhcount
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0
     ORDER BY c.relname, a.attnum`,
  )
  return { catalog: await catalog(database), columns: rows }
}

/** The same without the table in which the migrator keeps its books. */
async function withoutHistory(database: Database): Promise<unknown> {
  const session = await database.session()
  try {
    await session.query('BEGIN')
    await session.query('DROP TABLE faasjs_pg_migrations')
    return await everything(session)
  } finally {
    await session.query('ROLLBACK')
    await session.release()
  }
}

async function dumped(database: Database): Promise<unknown> {
  const session = await database.session()
  try {
    await session.query(await readFile('test/pagila/pagila.sql', 'utf8'))
    await session.query('RESET ALL')
    return await everything(session)
  } finally {
    await session.release()
  }
}

test.for(ENGINES)(
  'says what the dump says, and takes it back, on %s',
  { timeout },
  async (engine) => {
    const expected = await dumped(await untouched(engine))

    const database = await untouched(engine)
    const before = await everything(database)
    const builder = new SchemaBuilder(database)
    for (const { up } of migrations) up(builder)
    const { operations } = builder
    expect(operations.filter(({ kind }) => kind === 'raw')).toEqual([])
    expect(operations.length).toBeGreaterThan(200)
    await builder.run()
    expect(await everything(database)).toEqual(expected)

    await database.run(invertAll(withMemory(operations)).map(compile))
    expect(await everything(database)).toEqual(before)
  },
)

test.for(ENGINES)('goes up and down as migrations, on %s', { timeout }, async (engine) => {
  const expected = await dumped(await untouched(engine))

  const database = await untouched(engine)
  const before = await everything(database)
  const migrator = new Migrator({ client: database, migrations })
  onTestFinished(() => migrator.close())
  for (let round = 0; round < 2; round++) {
    expect((await migrator.migrate()).applied).toHaveLength(migrations.length)
    expect(await withoutHistory(database)).toEqual(expected)
    for (const { name } of migrations.toReversed()) {
      const { reverted } = await migrator.down()
      expect(reverted.map((one) => one.name)).toEqual([name])
    }
    expect(await withoutHistory(database)).toEqual(before)
  }
})

import { rmSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, onTestFinished, test } from 'vitest'

import { Migrator } from '../../src/migration/migrator.ts'
import type { MigratorOptions } from '../../src/migration/migrator.ts'
import { createProject, creates } from './project.ts'
import type { Project } from './project.ts'
import { emptyDatabase, recorded, tables } from './test-database.ts'
import type { TestDatabase } from './test-database.ts'

/** A migrator of this project on this database, closed when the test ends. */
function migratorOf(
  { folder }: Project,
  { options }: TestDatabase,
  more: Partial<MigratorOptions> = {},
): Migrator {
  const migrator = new Migrator({ ...options, folder, ...more })
  onTestFinished(() => migrator.close())
  return migrator
}

const names = (runs: readonly { readonly name: string }[]): string[] => runs.map(({ name }) => name)

/** A migration that takes its time before it creates a table. */
function createsLater(table: string): string {
  return `export async function up(builder) {
  await new Promise((resolve) => setTimeout(resolve, 5))
  builder.createTable('${table}', (table) => { table.number('id') })
}`
}

test('without a database there is an error that shows both ways on', () => {
  for (const options of [{}, { url: undefined }, { url: '' }]) {
    expect(() => new Migrator(options)).toThrowError(
      expect.objectContaining({
        code: 'FAASJS_PG_NO_DATABASE_URL',
        fix: expect.stringMatching(/postgres:\/\/[^]*pglite:\.\/\.data\/dev/),
      }),
    )
  }
})

describe.each(['postgres', 'pglite'] as const)('on %s', (engine) => {
  test('migrate applies everything, up the next, down the latest', async () => {
    const database = await emptyDatabase(engine)
    const project = createProject({ '1.mjs': creates('a'), '2.mjs': creates('b') })
    const migrator = migratorOf(project, database)

    const first = await migrator.up()
    expect(names(first.applied)).toEqual(['1'])
    expect(first).toMatchObject({ pending: ['2'], missing: [] })
    expect(await tables(database)).toEqual(['a'])

    project.write({ '3.mjs': creates('c') })
    const rest = await migrator.migrate()
    expect(rest.applied).toEqual([
      { name: '2', durationMs: expect.any(Number), statements: 1 },
      { name: '3', durationMs: expect.any(Number), statements: 1 },
    ])
    expect(await tables(database)).toEqual(['a', 'b', 'c'])
    expect(await recorded(database)).toEqual(['1', '2', '3'])
    expect(await migrator.migrate()).toEqual({ applied: [], pending: [], missing: [] })

    const back = await migrator.down()
    expect(names(back.reverted)).toEqual(['3'])
    expect(back).toMatchObject({ pending: ['3'], missing: [] })
    expect(await tables(database)).toEqual(['a', 'b'])
    expect(await recorded(database)).toEqual(['1', '2'])
  })

  test('status has exactly name and migration_time, in order, and creates nothing', async () => {
    const database = await emptyDatabase(engine)
    const project = createProject({ '1.mjs': creates('a'), '2.mjs': creates('b') })
    const migrator = migratorOf(project, database)
    expect(await migrator.status()).toEqual([])
    expect(await migrator.list()).toMatchObject([{ state: 'pending' }, { state: 'pending' }])
    expect(await recorded(database)).toBeUndefined()
    await migrator.migrate()
    expect(await migrator.status()).toEqual([
      { name: '1', migration_time: expect.any(Date) },
      { name: '2', migration_time: expect.any(Date) },
    ])
  })

  test('an empty folder is fine', async () => {
    const migrator = migratorOf(createProject(), await emptyDatabase(engine))
    expect(await migrator.migrate()).toEqual({ applied: [], pending: [], missing: [] })
    expect(await migrator.down()).toEqual({ reverted: [], pending: [], missing: [] })
  })

  test('a missing folder is an error', async () => {
    const database = await emptyDatabase(engine)
    const { root } = createProject()
    const migrator = new Migrator({ ...database.options, folder: `${root}/nowhere` })
    onTestFinished(() => migrator.close())
    const error = { code: 'FAASJS_PG_FOLDER_NOT_FOUND' }
    await expect(migrator.list()).rejects.toMatchObject(error)
    await expect(migrator.migrate()).rejects.toMatchObject(error)
    expect(await recorded(database)).toBeUndefined()
  })

  test('the history table is that of the original', async () => {
    const database = await emptyDatabase(engine)
    await migratorOf(createProject({ '1.mjs': creates('a') }), database).migrate()
    const columns = await database.query(
      `SELECT attname, format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = 'public.faasjs_pg_migrations'::regclass AND attnum > 0 ORDER BY attnum`,
    )
    expect(columns).toEqual([
      { attname: 'name', type: 'character varying(255)' },
      { attname: 'migration_time', type: 'timestamp with time zone' },
    ])
    const keys = await database.query(
      `SELECT conname, pg_get_constraintdef(oid) AS def FROM pg_constraint WHERE conrelid = 'public.faasjs_pg_migrations'::regclass AND contype = 'p'`,
    )
    expect(keys).toEqual([{ conname: 'faasjs_pg_migrations_pkey', def: 'PRIMARY KEY (name)' }])
  })

  test('a history that the original wrote is taken over', async () => {
    const database = await emptyDatabase(engine)
    await database.query(
      `CREATE TABLE faasjs_pg_migrations ("name" varchar(255) NULL, migration_time timestamptz NULL, CONSTRAINT faasjs_pg_migrations_pkey PRIMARY KEY (name))`,
    )
    await database.query(
      `INSERT INTO faasjs_pg_migrations VALUES ('2', '2020-01-01Z'), ('1', NULL)`,
    )
    const project = createProject({
      '1.mjs': creates('a'),
      '2.mjs': creates('b'),
      '3.mjs': creates('c'),
    })
    const migrator = migratorOf(project, database)
    expect(names(await migrator.status())).toEqual(['1', '2'])
    await migrator.migrate()
    expect(await tables(database)).toEqual(['c'])
  })

  test('up is awaited, and gets a builder of its own (U1)', async () => {
    const database = await emptyDatabase(engine)
    const project = createProject({ '1.mjs': createsLater('a'), '2.mjs': createsLater('b') })
    const result = await migratorOf(project, database).migrate()
    expect(result.applied.map(({ statements }) => statements)).toEqual([1, 1])
    expect(await tables(database)).toEqual(['a', 'b'])
  })

  test('a builder that is used after its migration throws (U1)', async () => {
    const database = await emptyDatabase(engine)
    const project = createProject({
      '1.mjs': `export function up(builder) { globalThis.faasPgLate = builder }`,
    })
    await migratorOf(project, database).migrate()
    const builder: unknown = Reflect.get(globalThis, 'faasPgLate')
    expect(() => (builder as { dropTable(name: string): void }).dropTable('x')).toThrowError(
      expect.objectContaining({
        code: 'FAASJS_PG_ASYNC_BUILDER',
        summary: expect.stringContaining('migration "1"'),
      }),
    )
  })

  test('a failing third statement leaves nothing, and is named with its line (U2, U25)', async () => {
    const database = await emptyDatabase(engine)
    const project = createProject({
      '1.mjs': creates('a'),
      '2.mjs': `export function up(builder) {
  builder.createTable('b', (table) => { table.number('id') })
  builder.createTable('c', (table) => { table.number('id') })
  builder.raw('INSERT INTO b VALUES (1), (1 / 0)')
  builder.createTable('d', (table) => { table.number('id') })
}`,
      '3.mjs': creates('e'),
    })
    const migrator = migratorOf(project, database)
    const error: unknown = await migrator.migrate().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'FAASJS_PG_STATEMENT_FAILED',
      summary: expect.stringMatching(/^migration "2" failed at .*src\/db\/migrations\/2\.mjs:4$/),
      sql: expect.stringContaining('INSERT INTO b VALUES (1), (1 / 0)'),
      why: expect.stringContaining('division by zero (SQLSTATE 22012)'),
      note: 'nothing was applied: the migration ran in one transaction\nmigration "1" before it stays applied',
      details: { migration: '2', statement: 3, statements: 4, sqlState: '22012' },
      cause: { code: '22012' },
    })
    expect(await tables(database)).toEqual(['a'])
    expect(await recorded(database)).toEqual(['1'])

    project.write({ '4.mjs': creates('f') })
    await expect(migrator.migrate()).rejects.toThrow('migration "2"')
  })

  test('up that throws halfway applies nothing', async () => {
    const database = await emptyDatabase(engine)
    const project = createProject({
      '1.mjs': `export async function up(builder) {
  builder.createTable('a', (table) => { table.number('id') })
  throw new RangeError('not today')
}`,
      '2.mjs': `export function up(builder) {
  builder.createTable('b', (table) => {
    table.number('id')
    table.number('id')
  })
}`,
    })
    const migrator = migratorOf(project, database)
    await expect(migrator.migrate()).rejects.toMatchObject({
      code: 'FAASJS_PG_MIGRATION_THREW',
      summary: expect.stringMatching(/^migration "1" threw in up at .*1\.mjs:3$/),
      why: 'RangeError: not today',
      cause: { message: 'not today' },
    })
    expect(await tables(database)).toEqual([])
    expect(await recorded(database)).toEqual([])

    project.write({ '1.mjs': '' })
    await database.query(`INSERT INTO faasjs_pg_migrations VALUES ('1', now())`)
    await expect(migrator.migrate()).rejects.toMatchObject({
      code: 'FAASJS_PG_MIGRATION_THREW',
      summary: expect.stringMatching(/2\.mjs:4$/),
      details: { migration: '2', code: 'FAASJS_PG_DUPLICATE_COLUMN' },
    })
  })

  test('only files that will run are imported, one at a time (U20)', async () => {
    const database = await emptyDatabase(engine)
    await migratorOf(createProject({ '1.mjs': creates('a') }), database).migrate()
    const project = createProject({
      '1.mjs': `throw new Error('applied long ago')`,
      '2.mjs': creates('b'),
      '3.mjs': `import './deleted.js'`,
    })
    const migrator = migratorOf(project, database)
    expect(await migrator.list()).toHaveLength(3)
    await expect(migrator.migrate()).rejects.toMatchObject({
      code: 'FAASJS_PG_LOAD_FAILED',
      details: { migration: '3' },
    })
    expect(await tables(database)).toEqual(['a', 'b'])
  })

  test('a file that is deleted while others run is told', async () => {
    const database = await emptyDatabase(engine)
    const project = createProject({ '1.mjs': creates('a'), '2.mjs': creates('b') })
    const onEvent = (): void => rmSync(join(project.folder, '2.mjs'), { force: true })
    await expect(migratorOf(project, database, { onEvent }).migrate()).rejects.toMatchObject({
      code: 'FAASJS_PG_LOAD_FAILED',
      summary: 'migration "2" could not be loaded: its file is gone',
    })
    expect(await recorded(database)).toEqual(['1'])
  })

  test('a late file of another branch is applied by migrate and by up, once (U3, U4)', async () => {
    const database = await emptyDatabase(engine)
    const project = createProject({
      '2.mjs': `export function up(builder) { builder.raw('CREATE TABLE acc AS SELECT 100 AS bal') }`,
    })
    const migrator = migratorOf(project, database)
    await migrator.migrate()
    project.write({
      '1.mjs': `export function up(builder) { builder.raw('UPDATE acc SET bal = bal - 10') }`,
    })
    expect(names((await migrator.up()).applied)).toEqual(['1'])
    expect(await migrator.up()).toMatchObject({ applied: [] })
    expect(await migrator.migrate()).toMatchObject({ applied: [] })
    expect(await database.query('SELECT bal FROM acc')).toEqual([{ bal: 90 }])
  })

  test('a row without a file is missing: migrate goes on, down refuses (U26)', async () => {
    const database = await emptyDatabase(engine)
    const project = createProject({ '1.mjs': creates('a') })
    const migrator = migratorOf(project, database)
    await migrator.migrate()
    await database.query(`INSERT INTO faasjs_pg_migrations VALUES ('0-gone', now() + '1 hour')`)
    project.write({ '2.mjs': creates('b') })
    expect(await migrator.migrate()).toMatchObject({ missing: ['0-gone'] })
    expect(await migrator.list()).toMatchObject([
      { name: '0-gone', state: 'missing' },
      { name: '1', state: 'applied' },
      { name: '2', state: 'applied' },
    ])
    // Recorded later than a row that a fast clock has dated after now.
    expect(names((await migrator.down()).reverted)).toEqual(['2'])
    await expect(migrator.down()).rejects.toMatchObject({ code: 'FAASJS_PG_MISSING_FILE' })
    expect(await tables(database)).toEqual(['a'])
  })

  test('down is derived from what up records', async () => {
    const database = await emptyDatabase(engine)
    const project = createProject({
      '1.mjs': `export function up(builder) {
  builder.createTable('a', (table) => { table.number('id').primary(); table.string('old') })
}`,
      '2.mjs': `export function up(builder) {
  builder.alterTable('a', (table) => { table.renameColumn('old', 'new'); table.string('extra').nullable() })
  builder.renameTable('a', 'b')
  builder.raw('CREATE VIEW v AS SELECT 1', 'DROP VIEW v')
}`,
    })
    const migrator = migratorOf(project, database)
    await migrator.migrate()
    expect(await tables(database)).toEqual(['b'])
    expect(names((await migrator.down()).reverted)).toEqual(['2'])
    const columns = await database.query(
      `SELECT column_name AS name FROM information_schema.columns WHERE table_name = 'a' ORDER BY 1`,
    )
    expect(columns).toEqual([{ name: 'id' }, { name: 'old' }])
    await migrator.down()
    expect(await tables(database)).toEqual([])
    expect(await recorded(database)).toEqual([])
  })

  test('down that cannot be derived, and down that is refused, change nothing', async () => {
    const database = await emptyDatabase(engine)
    const project = createProject({
      '1.mjs': `export function up(builder) { builder.raw('CREATE TABLE a ()') }\nexport const down = false`,
      '2.mjs': `export function up(builder) {
  builder.createTable('b', (table) => { table.number('id') })
  builder.raw('CREATE TABLE c ()')
}`,
    })
    const migrator = migratorOf(project, database)
    await migrator.up()
    await expect(migrator.down()).rejects.toMatchObject({
      code: 'FAASJS_PG_IRREVERSIBLE',
      summary: 'migration "1" refuses to be taken back',
      fix: expect.stringContaining('npx faasjs-pg new'),
    })
    await migrator.up()
    await expect(migrator.down()).rejects.toMatchObject({
      code: 'FAASJS_PG_IRREVERSIBLE',
      summary: expect.stringMatching(/^migration "2" cannot be taken back: "raw" cannot be undone/),
      fix: expect.stringContaining('raw(up, down)'),
    })
    expect(await tables(database)).toEqual(['a', 'b', 'c'])
    expect(await recorded(database)).toEqual(['1', '2'])
  })

  test('a failing down leaves everything as it was', async () => {
    const database = await emptyDatabase(engine)
    const project = createProject({
      '1.mjs': `export function up(builder) { builder.createTable('a', (table) => { table.number('id') }) }
export function down(builder) {
  builder.dropTable('a')
  builder.dropTable('nowhere')
}`,
    })
    const migrator = migratorOf(project, database)
    await migrator.migrate()
    await expect(migrator.down()).rejects.toMatchObject({
      code: 'FAASJS_PG_STATEMENT_FAILED',
      summary: expect.stringMatching(/^migration "1" failed at .*1\.mjs:4$/),
      details: { statement: 2, sqlState: '42P01' },
    })
    expect(await tables(database)).toEqual(['a'])
    expect(await recorded(database)).toEqual(['1'])
  })

  test('settings of one migration do not reach the next, nor the history (U24)', async () => {
    const database = await emptyDatabase(engine)
    const project = createProject({
      '1.mjs': `export function up(builder) {
  builder.raw('CREATE SCHEMA elsewhere')
  builder.raw('SET search_path TO elsewhere; SET lock_timeout TO 1234; SET ROLE pg_monitor')
}`,
      '2.mjs': creates('b'),
    })
    const migrator = migratorOf(project, database)
    await migrator.migrate()
    expect(await tables(database)).toEqual(['b'])
    expect(await recorded(database)).toEqual(['1', '2'])
    await database.query('DROP SCHEMA elsewhere')
  })

  test('raw SQL that ends the transaction is refused', async () => {
    const database = await emptyDatabase(engine)
    const project = createProject({
      '1.mjs': `export function up(builder) {
  builder.createTable('a', (table) => { table.number('id') })
  builder.raw('/* done */ commit')
}`,
    })
    await expect(migratorOf(project, database).migrate()).rejects.toMatchObject({
      code: 'FAASJS_PG_TRANSACTION_ENDED',
      sql: '/* done */ commit',
      note: 'nothing of it was applied',
    })
    expect(await tables(database)).toEqual([])
    expect(await recorded(database)).toEqual([])
  })

  test.for(['COMMIT', 'ROLLBACK', 'COMMIT; BEGIN', 'COMMIT AND CHAIN', 'ABORT'])(
    'raw SQL that hides a %s is refused before anything runs',
    async (end) => {
      const database = await emptyDatabase(engine)
      const project = createProject({
        '1.mjs': `export function up(builder) {
  builder.createTable('a', (table) => { table.number('id') })
  builder.raw('SELECT 1; ${end}')
  builder.createTable('b', (table) => { table.number('id') })
}`,
      })
      await expect(migratorOf(project, database).migrate()).rejects.toMatchObject({
        code: 'FAASJS_PG_TRANSACTION_ENDED',
        note: 'nothing of it was applied',
      })
      expect(await tables(database)).toEqual([])
      expect(await recorded(database)).toEqual([])
    },
  )

  test('placeholders in raw SQL are not looked at (U7), nor are several statements (U8)', async () => {
    const database = await emptyDatabase(engine)
    const project = createProject({
      '1.mjs': `export function up(builder) {
  builder.raw("CREATE TABLE a AS SELECT 'what? $1 $$ :x' AS text, '{\\"k\\": 1}'::jsonb ? 'k' AS has; INSERT INTO a VALUES ('?', false)")
}`,
    })
    await migratorOf(project, database).migrate()
    expect(await database.query('SELECT * FROM a')).toEqual([
      { text: 'what? $1 $$ :x', has: true },
      { text: '?', has: false },
    ])
  })

  test('a deferred constraint that fails at COMMIT is told', async () => {
    const database = await emptyDatabase(engine)
    const project = createProject({
      '1.mjs': `export function up(builder) {
  builder.raw('CREATE TABLE a (id int PRIMARY KEY, up int REFERENCES a DEFERRABLE INITIALLY DEFERRED)')
  builder.raw('INSERT INTO a VALUES (1, 2)')
}`,
    })
    await expect(migratorOf(project, database).migrate()).rejects.toMatchObject({
      code: 'FAASJS_PG_STATEMENT_FAILED',
      sql: 'COMMIT',
      details: { migration: '1', sqlState: '23503' },
    })
    expect(await tables(database)).toEqual([])
    expect(await recorded(database)).toEqual([])
  })

  test('the history can be elsewhere', async () => {
    const database = await emptyDatabase(engine)
    await database.query('DROP SCHEMA IF EXISTS ops CASCADE')
    await database.query('CREATE SCHEMA ops')
    const project = createProject({ '1.mjs': creates('a') })
    const migrator = migratorOf(project, database, { historyTable: 'ops.history' })
    await migrator.migrate()
    expect(await database.query('SELECT name FROM ops.history')).toEqual([{ name: '1' }])
    expect(await recorded(database)).toBeUndefined()
    expect(names(await migrator.status())).toEqual(['1'])
  })

  test('without a schema to keep the history in there is an error', async () => {
    const database = await emptyDatabase(engine)
    await database.query('DROP SCHEMA public')
    onTestFinished(async () => void (await database.query('CREATE SCHEMA IF NOT EXISTS public')))
    const project = createProject({ '1.mjs': creates('a') })
    await expect(migratorOf(project, database).migrate()).rejects.toMatchObject({
      code: 'FAASJS_PG_BAD_OPTION',
      why: expect.stringContaining('search path'),
    })
  })

  test('a table in the place of the history is told', async () => {
    const database = await emptyDatabase(engine)
    await database.query('CREATE TABLE faasjs_pg_migrations (something int)')
    const migrator = migratorOf(createProject({ '1.mjs': creates('a') }), database)
    await expect(migrator.status()).rejects.toMatchObject({
      code: 'FAASJS_PG_STATEMENT_FAILED',
      summary: expect.stringContaining('cannot be read'),
      cause: { code: '42703' },
    })
  })

  test('events tell what happens', async () => {
    const database = await emptyDatabase(engine)
    const project = createProject({ '1.mjs': creates('a') })
    const events: unknown[] = []
    const migrator = migratorOf(project, database, { onEvent: (event) => events.push(event) })
    await migrator.migrate()
    await migrator.down()
    expect(events).toEqual([
      { kind: 'applied', name: '1', durationMs: expect.any(Number), statements: 1 },
      { kind: 'reverted', name: '1', durationMs: expect.any(Number), statements: 1 },
    ])
  })
})

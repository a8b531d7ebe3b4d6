// What a test file imports. It runs in test workers only: `index.ts` sees to that.
import { expect, inject, onTestFinished, test as plain, type TestAPI } from 'vitest'

import type { TableName } from '../tables.ts'
import type { MigrationTest } from '../testing/author/migration-test.ts'
import { schemaLines } from '../testing/author/schema-lines.ts'
import { Placeholders, stable as replaceUnstable } from '../testing/author/stable.ts'
import type { TableRow, TableWhere } from '../testing/author/table-types.ts'
import { AuthorDb } from './author-db.ts'
import { ConcurrentDatabases } from './concurrent-databases.ts'
import { currentFile, currentPlaceholders } from './current-lease.ts'
import { CONTEXT_KEY } from './protocol.ts'
import { registerSeed, type SeedOptions, type SeedWork } from './seed.ts'

export { pgTest } from './pg-test.ts'

/** See `stable` of `@faasjs/pg/testing`: here, the same value keeps its placeholder throughout a test. */
export function stable(value: unknown): unknown {
  return replaceUnstable(
    value,
    currentPlaceholders(() => new Placeholders()),
  )
}

/** The test's own hand in the database of its file. */
export const db: AuthorDb = new AuthorDb()

/**
 * Vitest's `test` with a fixture, `db`: the test's own hand in the database of its file, or where concurrent
 * tests have databases of their own (`concurrent: 'clone'`), in that of the test.
 *
 * @example
 * ```ts
 * test.concurrent('takes one job', async ({ db }) => {
 *   const pool = new Pool({ connectionString: db.url })
 * })
 * ```
 */
export const test: TestAPI<{ db: AuthorDb }> = plain.extend<{ db: AuthorDb }>({
  db: async ({ task }, use) => {
    const context = inject(CONTEXT_KEY)
    const file = currentFile()
    const isAlone = task.concurrent !== true
    if (isAlone || (file.options.concurrent ?? context.concurrent) !== 'clone') return await use(db)
    const databases = (file.databases ??= new ConcurrentDatabases(context))
    const lease = await databases.take(`${task.file.name} > ${task.name}`)
    const own = new AuthorDb(lease)
    await use(own)
    await own.close()
    databases.give(lease)
  },
})

/**
 * Has every test of this file, or of this `describe`, begin with what `work` makes. It runs once, and each
 * test gets a database in that state.
 *
 * A function that uses nothing but its `db`, and files, are kept: for other workers and other runs of the same,
 * until something changes that they were made of. What is kept of a function is what it did with `db`, so
 * one that uses anything else from outside of it, the time or chance runs for each file.
 *
 * @param work - Makes rows, or anything else. It begins with the baseline, or with what `seed` made around it. Or
 *   files that do, relative to the project's root: modules that export a function (`Seed`), or `.sql`.
 * @throws {TestDatabaseError} `SEED_FAILED` with the statement and its SQLSTATE, and `SEED_NOT_KEPT`, before the
 *   first test.
 * @example
 * ```ts
 * seed(async (db) => {
 *   await db.insertMany('accounts', [{ name: 'a' }, { name: 'b' }])
 * })
 * seed('test/seeds/blog.ts')
 * ```
 */
export function seed(
  work: SeedWork | string | URL | readonly (string | URL)[],
  options: SeedOptions = {},
): void {
  registerSeed(db, work, options)
}

/**
 * A database of its own in which everything before a migration has been applied, to try that migration on
 * rows. It is closed when the test has finished. Not with Vitest's vm pools, which do not let TypeScript be
 * loaded.
 *
 * @param name - The migration's file name without its extension.
 * @throws {MigrationFileError} `MIGRATION_NOT_FOUND` when there is no such file.
 * @example
 * ```ts
 * const migration = await migrationTest('20260301120000000-split-full-name')
 * await migration.before((db) => db.insert('people', { full_name: 'Grace Hopper' }))
 * await migration.up()
 * expect(await migration.db.rows('people')).toMatchObject([{ first_name: 'Grace' }])
 * await migration.expectReversible()
 * ```
 */
export async function migrationTest(name: string): Promise<MigrationTest> {
  const [{ createTestDatabase }, { MigrationTest }] = await Promise.all([
    import('../testing/create-test-database.ts'),
    import('../testing/author/migration-test.ts'),
  ])
  const { folder, engine } = inject(CONTEXT_KEY)
  const database = await createTestDatabase({ ...engine, migrations: false })
  onTestFinished(() => database.close())
  const migration = await MigrationTest.start(name, { url: database.url, folder })
  // The last one that is asked is the first that is called.
  onTestFinished(() => migration.close())
  return migration
}

/**
 * Expects something of the rows of a table, in the order of its primary key.
 *
 * @example
 * ```ts
 * await expectRows('users', { active: true }).toMatchObject([{ name: 'Ada' }])
 * ```
 */
export function expectRows<Table extends TableName>(
  table: Table,
  where?: TableWhere<Table>,
): ReturnType<typeof expect<Promise<TableRow<Table>[]>>>['resolves'] {
  // oxlint-disable-next-line vitest/valid-expect -- the caller's to call
  return expect(db.rows(table, where)).resolves
}

/**
 * Expects something of the schema: a list of lines such as `table public.users`, `column public.users.email text
 * not null` and `index CREATE INDEX …`.
 *
 * @example
 * ```ts
 * await expectSchema().toContain('table public.users')
 * ```
 */
export function expectSchema(): ReturnType<typeof expect<Promise<string[]>>>['resolves'] {
  // oxlint-disable-next-line vitest/valid-expect -- the caller's to call
  return expect(schemaLines(db)).resolves
}

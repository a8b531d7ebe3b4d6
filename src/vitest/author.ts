// What a test file imports. It runs in test workers only: `index.ts` sees to that.
import { afterAll, beforeAll, expect, test as plain, type TestAPI } from 'vitest'

import type { TableName } from '../tables.ts'
import { schemaLines } from '../testing/author/schema-lines.ts'
import type { TableRow, TableWhere } from '../testing/author/test-db.ts'
import { AuthorDb } from './author-db.ts'
import { currentFile } from './current-lease.ts'

export { stable } from '../testing/author/stable.ts'

/** The test's own hand in the database of its file. */
export const db: AuthorDb = new AuthorDb()

/** Vitest's `test` with a fixture, `db`. */
export const test: TestAPI<{ db: AuthorDb }> = plain.extend<{ db: AuthorDb }>({
  // Vitest looks at the pattern to know what a fixture needs.
  // oxlint-disable-next-line no-empty-pattern
  db: async ({}, use) => use(db),
})

/**
 * Has every test of this file, or of this `describe`, begin with what `work` makes. It runs once, and each
 * test gets a database in that state.
 *
 * @param work - Makes rows, or anything else. It begins with the baseline, or with what `seed` made around it.
 * @example
 * ```ts
 * seed(async (db) => {
 *   await db.insertMany('accounts', [{ name: 'a' }, { name: 'b' }])
 * })
 * ```
 */
export function seed(work: (db: AuthorDb) => unknown): void {
  let snapshot = 0
  let around = 0
  beforeAll(async () => {
    const file = currentFile()
    await file.lease.reset('seed')
    await work(db)
    snapshot = await file.lease.snapshot()
    around = file.base
    file.base = snapshot
    await file.lease.base(snapshot)
  })
  afterAll(async () => {
    if (snapshot === 0) return
    const file = currentFile()
    file.base = around
    await file.lease.base(around)
    await file.lease.releaseSnapshot(snapshot)
  })
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

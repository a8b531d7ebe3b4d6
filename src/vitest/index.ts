import type * as Author from './author.ts'

export type { Identity } from '../testing/author/identity.ts'
export type { MigrationTest } from '../testing/author/migration-test.ts'
export type { TableRow, TableWhere } from '../testing/author/table-types.ts'
export type { TestDb } from '../testing/author/test-db.ts'
export type { LoggedQuery } from '../testing/server/open-query.ts'
export type { AuthorDb, TestSnapshot } from './author-db.ts'
export type { EngineVariant } from './engine-runs.ts'
export type { ResetMode, Scope } from '../testing/host/modes.ts'
export type { PgTestOptions } from './pg-test.ts'
export { PgVitestPlugin } from './pg-vitest-plugin.ts'
export type { PgVitestOptions } from './plugin-options.ts'
export type { VitestPlugin } from './plugin.ts'
export type { SeedOptions, SeedWork } from './seed.ts'

// Vitest cannot be imported where its configuration is loaded, and costs time there.
const author: typeof Author =
  '__vitest_worker__' in globalThis
    ? await import('./author.ts')
    : ((await import('./outside.ts')).outside as typeof Author)

export const db: typeof Author.db = author.db
export const expectRows: typeof Author.expectRows = author.expectRows
export const expectSchema: typeof Author.expectSchema = author.expectSchema
export const migrationTest: typeof Author.migrationTest = author.migrationTest
export const pgTest: typeof Author.pgTest = author.pgTest
export const seed: typeof Author.seed = author.seed
export const stable: typeof Author.stable = author.stable
export const test: typeof Author.test = author.test

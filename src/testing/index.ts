export type { Identity } from './author/identity.ts'
export type { PgMatchers, RowPattern } from './author/matchers/pg-matcher-types.ts'
export { pgMatchers } from './author/matchers/pg-matchers.ts'
export { Placeholders, stable } from './author/stable.ts'
export type { TableRow, TableWhere } from './author/table-types.ts'
export type { TestDb } from './author/test-db.ts'
export type { EngineOptions } from './choose-engine.ts'
export {
  createTestDatabase,
  type DatabaseSnapshot,
  type TestDatabase,
  type TestDatabaseOptions,
} from './create-test-database.ts'
export {
  createMemoryDatabase,
  type MemoryDatabase,
  type MemoryDatabaseOptions,
} from './pg-mem/create-memory-database.ts'
export type * from './pg-mem/memory-pg.ts'
export type { Seed } from './seed/seed.ts'
export type { ConnectionParameters } from './server/address.ts'

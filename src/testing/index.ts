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
export type { MemoryPg } from './pg-mem/pg-client.ts'
export type { Seed } from './seed/seed.ts'
export type { ConnectionParameters } from './server/address.ts'

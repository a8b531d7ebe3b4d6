export type { EngineOptions } from './choose-engine.ts'
export {
  createTestDatabase,
  type DatabaseSnapshot,
  type TestDatabase,
  type TestDatabaseOptions,
} from './create-test-database.ts'
export type { Seed } from './seed/seed.ts'
export type { ConnectionParameters } from './server/address.ts'

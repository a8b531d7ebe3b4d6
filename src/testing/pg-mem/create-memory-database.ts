import { resolve } from 'node:path'

import { TestDatabaseError } from '../../errors.ts'
import { DEFAULT_FOLDER, findMigrations } from '../../migration/source.ts'
import type { DatabaseSnapshot } from '../create-test-database.ts'
import { runSeeds } from '../seed/run-seeds.ts'
import { seedPaths } from '../seed/seed.ts'
import { loadPgMem } from './load-pg-mem.ts'
import { MemoryCore } from './memory-core.ts'
import { memoryDatabase } from './memory-database.ts'
import type { MemoryPg } from './memory-pg.ts'
import { migrateMemory } from './migrate-memory.ts'
import { createPg } from './pg-client.ts'

export interface MemoryDatabaseOptions {
  /** Folder of the migrations, relative to the working directory. By default `src/db/migrations`. */
  readonly migrations?: string
  /** Files that run after the migrations, as in `createTestDatabase`. None unless given. */
  readonly seed?: string | readonly string[]
}

/** A pg-mem database for tests, in this thread. */
export interface MemoryDatabase extends AsyncDisposable {
  readonly engine: 'pg-mem'
  /** What was left out of statements because it makes no difference here, for people to read. */
  readonly notes: readonly string[]
  /**
   * `Client` and `Pool` of `pg` on this database: there is no URL that others could connect to. With the types
   * of `pg`, where that is installed, as `createPg<typeof import('pg')>()`.
   */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller's to choose
  createPg<Pg = MemoryPg>(): Pg
  /** Puts back what migrations and seeds made. A transaction that is open is rolled back. */
  reset(): Promise<void>
  /**
   * Notes everything that is in the database now.
   *
   * @throws {TestDatabaseError} `TEST_TRANSACTION_OPEN` when a client is in a transaction.
   */
  snapshot(): Promise<DatabaseSnapshot>
  /**
   * Puts everything back to a snapshot.
   *
   * @throws {TestDatabaseError} `TEST_TRANSACTION_OPEN` when a client is in a transaction,
   *   `SNAPSHOT_UNUSABLE` when the snapshot was released or is of another database.
   */
  restore(snapshot: DatabaseSnapshot): Promise<void>
  /** Gives its memory back. Safe to call twice. */
  close(): Promise<void>
}

/**
 * Makes a database of pg-mem, an emulation of PostgreSQL in JavaScript, and applies the migrations to it.
 *
 * It knows a part of PostgreSQL. What is known to be right runs; everything else is refused, with an error
 * that names the statement. `docs/testing.md` lists both.
 *
 * @throws {ConfigError} `MISSING_PEER` when pg-mem is not installed.
 * @throws {MigrationFileError} when the folder or a file in it cannot be used.
 * @throws {StatementError} when PostgreSQL would reject a migration.
 * @throws {TestDatabaseError} `NOT_EMULATED` for a migration that pg-mem cannot run; `SEED_FAILED`.
 * @example
 * ```ts
 * const database = await createMemoryDatabase({ migrations: 'src/db/migrations' })
 * const { Pool } = database.createPg()
 * const pool = new Pool()
 * await pool.query('SELECT 1 AS one')
 * await database.reset()
 * ```
 */
export async function createMemoryDatabase(
  options: MemoryDatabaseOptions = {},
): Promise<MemoryDatabase> {
  const core = new MemoryCore(await loadPgMem())
  const database = memoryDatabase(core)
  await migrateMemory(database, await findMigrations(resolve(options.migrations ?? DEFAULT_FOLDER)))
  await runSeeds(database, seedPaths(options.seed, process.cwd()))
  const baseline = core.mark()
  const marks = new WeakMap<DatabaseSnapshot, () => void>()
  const close = async (): Promise<void> => core.close()
  return {
    engine: 'pg-mem',
    get notes() {
      return core.notes
    },
    createPg: () => createPg(core) as never,
    reset: async () => baseline(),
    snapshot: async () => {
      assertNoTransaction(core, 'a snapshot')
      const release = async (): Promise<void> => void marks.delete(snapshot)
      const snapshot: DatabaseSnapshot = { release, [Symbol.asyncDispose]: release }
      marks.set(snapshot, core.mark())
      return snapshot
    },
    restore: async (snapshot) => {
      assertNoTransaction(core, 'going back to a snapshot')
      const back = marks.get(snapshot)
      if (!back) throw unusable()
      back()
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function assertNoTransaction(core: MemoryCore, what: string): void {
  if (!core.isInTransaction) return
  throw new TestDatabaseError('TEST_TRANSACTION_OPEN', {
    what: `${what} is not possible while a client is in a transaction`,
    why: 'what it has written could still be rolled back',
    fix: 'await its COMMIT or ROLLBACK first',
  })
}

function unusable(): TestDatabaseError {
  return new TestDatabaseError('SNAPSHOT_UNUSABLE', {
    what: 'this snapshot cannot be restored',
    why: 'it was released, or is of another database',
    fix: 'restore a snapshot of this database before its release()',
  })
}

import { resolve } from 'node:path'

import { DEFAULT_FOLDER } from '../migration/source.ts'
import { TestDb } from './author/test-db.ts'
import type { EngineOptions } from './choose-engine.ts'
import { modesOf, type ResetMode } from './host/modes.ts'
import { parametersOf } from './postgres/server-url.ts'
import { seedPaths } from './seed/seed.ts'
import {
  type ConnectionParameters,
  connectionParameters,
  databaseUrl,
  type Transport,
} from './server/address.ts'
import { openTestDatabases } from './test-databases.ts'

export interface TestDatabaseOptions extends EngineOptions {
  /**
   * Folder of the migrations, relative to the working directory. By default `src/db/migrations`; when
   * that does not exist, the database is empty, as it is with `false`.
   */
  readonly migrations?: string | false
  /**
   * Files that run after the migrations, relative to the working directory: modules that export a function
   * (see `Seed`), or `.sql` files. Their rows are part of the baseline. None unless given.
   */
  readonly seed?: string | readonly string[]
  /**
   * Keeps the migrated database on disk, so that the next run need not migrate; true unless given. The
   * environment variable `FAASJS_PG_CACHE` names the folder; otherwise it is in `node_modules/.cache`.
   */
  readonly cache?: boolean
  /**
   * What `reset()` puts back. `'auto'`, the default: what was touched, and everything only after a change of
   * the schema, roles or settings. `'full'`: everything, always; costs some milliseconds. `'clone'`: the
   * database is replaced by a new copy when anything was sent to it. `'transaction'`: from the first reset on,
   * what happens between two of them is one transaction, which is rolled back.
   */
  readonly reset?: Exclude<ResetMode, 'none'>
  /**
   * How clients connect: `'tcp'`, the default, or `'socket'`, a Unix socket in a private folder. Where TCP is
   * not allowed, it is a socket in any case.
   */
  readonly connection?: Transport
}

/** A moment of a test database, which holds 10 to 20 MB of memory until it is released. */
export interface DatabaseSnapshot extends AsyncDisposable {
  /** Gives its memory back. Safe to call twice. */
  release(): Promise<void>
}

/** A database for tests, in this process. */
export interface TestDatabase extends AsyncDisposable {
  /** Where any PostgreSQL client finds it. */
  readonly url: string
  /** The same one by one: for clients that read no URL with a Unix socket, such as `postgres`. */
  readonly parameters: ConnectionParameters
  /** The test's own hand in it, with a connection of its own, opened by the first call. */
  readonly db: TestDb
  /**
   * Puts back what migrations made: rows, sequences, materialized views. Transactions that are open
   * are rolled back.
   *
   * @throws {TestDatabaseError} `RESET_FAILED` when the state cannot be restored.
   */
  reset(): Promise<void>
  /**
   * Notes everything that is in the database now: rows, schema, roles, sequences. There may be several
   * snapshots at once, and a reset does not touch them.
   *
   * @throws {TestDatabaseError} `TEST_TRANSACTION_OPEN` when a connection is in a transaction.
   * @example
   * ```ts
   * const seeded = await database.snapshot()
   * // … a test writes …
   * await database.restore(seeded)
   * ```
   */
  snapshot(): Promise<DatabaseSnapshot>
  /**
   * Puts everything back to a snapshot, in milliseconds. Connections stay, with their prepared statements;
   * their settings and temporary tables go. The next reset leads to the baseline, as always.
   *
   * @throws {TestDatabaseError} `TEST_TRANSACTION_OPEN` when a connection is in a transaction,
   *   `SNAPSHOT_UNUSABLE` when the snapshot was released, is of another database, or cannot be restored.
   */
  restore(snapshot: DatabaseSnapshot): Promise<void>
  /**
   * With `reset: 'transaction'`: commits what was done since the last reset. The next one takes it back all the
   * same. Does nothing in other modes.
   *
   * @throws {TestDatabaseError} `TEST_TRANSACTION_OPEN` when a connection is in a transaction.
   */
  publish(): Promise<void>
  /** Ends every connection and the database. Safe to call twice. */
  close(): Promise<void>
}

/**
 * Makes a database for tests and applies the migrations to it: on PGlite in a thread of this process, or on a
 * PostgreSQL server. See {@link EngineOptions}.
 *
 * For node:test, scripts and other test runners; with Vitest, use the plugin of `@faasjs/pg/vitest`.
 *
 * @throws {MigrationFileError} when the folder or a file in it cannot be used.
 * @throws {StatementError} when PostgreSQL rejects a migration.
 * @throws {TestDatabaseError} `SEED_FAILED` when a seed is missing or fails.
 * @example
 * ```ts
 * import { after, beforeEach, test } from 'node:test'
 * import { createTestDatabase } from '@faasjs/pg/testing'
 *
 * const database = await createTestDatabase()
 * process.env.DATABASE_URL = database.url
 * beforeEach(() => database.reset())
 * after(() => database.close())
 * ```
 */
export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { connection = 'tcp', migrations, reset } = options
  const databases = await openTestDatabases({
    source: {
      folder: migrations === false ? undefined : resolve(migrations ?? DEFAULT_FOLDER),
      explicit: migrations !== undefined,
      seeds: seedPaths(options.seed, process.cwd()),
      root: process.cwd(),
      cache: options.cache ?? true,
    },
    engine: options,
    workers: 1,
    host: { connection, modes: modesOf({ reset }), onStrays: () => {} },
  })
  const host = databases.create('test')
  let db: TestDb | undefined
  const close = async (): Promise<void> => {
    await db?.close()
    await host.close()
    await databases.close()
  }
  try {
    // While the thread of PGlite starts.
    await Promise.all([host.boot(), databases.prepare()])
    const numbers = new WeakMap<DatabaseSnapshot, number>()
    const url = await host.url?.()
    const address = await host.open()
    const found = url ?? databaseUrl(address)
    db = new TestDb(() => found)
    return {
      url: found,
      db,
      parameters: url === undefined ? connectionParameters(address) : parametersOf(url),
      reset: async () => void (await host.reset()),
      snapshot: async () => {
        const number = await host.snapshot()
        const release = (): Promise<void> => host.release(number)
        const snapshot: DatabaseSnapshot = { release, [Symbol.asyncDispose]: release }
        numbers.set(snapshot, number)
        return snapshot
      },
      // Numbers begin with 1: what is not of this database leads nowhere.
      restore: (snapshot) => host.restore(numbers.get(snapshot) ?? 0),
      publish: () => host.publish(),
      close,
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

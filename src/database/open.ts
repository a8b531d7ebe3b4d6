import { ConfigError } from '../errors.ts'
import { noDatabaseUrl, parseDatabaseUrl } from './database-url.ts'
import type { Database } from './database.ts'
import type { Client, Pool } from './engines/node-postgres-client.ts'
import type { PGliteClient } from './engines/pglite-client.ts'
import { isDatabase, isPGlite, isPgClient, isPgPool } from './targets.ts'
import type { DatabaseTarget } from './targets.ts'

export type { DatabaseTarget, PGliteLike, PgClientLike, PgPoolLike } from './targets.ts'

export interface OpenDatabaseOptions {
  /**
   * What the server shows in `pg_stat_activity` for connections made here, unless the URL or `PGAPPNAME`
   * says it. Default: `faasjs-pg`.
   */
  readonly applicationName?: string | undefined
}

/**
 * Opens a database.
 *
 * | target | |
 * |---|---|
 * | `postgres://…`, `postgresql://…` | a server; what the URL leaves out comes from the `PG…` variables, so `postgres://` alone means those. Connects when the first statement is sent. |
 * | `pglite:./folder` | PGlite in a folder, created when missing, locked against other processes |
 * | `pglite://memory` | PGlite in memory |
 * | a `pg` Pool or Client | used as it is; a Client that is not connected is connected on first use |
 * | a PGlite instance | used as it is |
 * | a Database | returned as it is |
 *
 * What was passed in stays open after `close()`; what was opened here is closed by it.
 *
 * Rows hold the same values whatever the engine: `boolean`; `number` for smallint, integer, real,
 * double precision and oid; `string` for bigint and numeric, of which a number would lose digits;
 * `Date` for timestamptz; parsed json and jsonb; `Buffer` for bytea; arrays of these; and for every
 * other type the text PostgreSQL prints.
 *
 * @throws {ConfigError} `NO_DATABASE_URL` for nothing, `BAD_URL` for a text that is no database URL,
 *   `BAD_OPTION` for an object of another kind, `MISSING_PEER` when PGlite is asked for and not
 *   installed, `DATA_DIRECTORY_IN_USE` when another process has the folder. A server that cannot be
 *   reached shows with the first statement: `CONNECTION_FAILED`.
 *
 * @example
 * ```ts
 * const database = await openDatabase('pglite:./.data/dev')
 * const { rows } = await database.query('SELECT $1::text AS hello', ['world'])
 * await database.close()
 * ```
 */
export async function openDatabase(
  target: DatabaseTarget,
  options: OpenDatabaseOptions = {},
): Promise<Database> {
  // Engines are imported when they are needed: PGlite is optional, and both take their time.
  if (typeof target === 'string') {
    const location = parseDatabaseUrl(target)
    if (location.engine === 'postgres') {
      const { openServer } = await import('./engines/node-postgres.ts')
      return openServer(location.url, options)
    }
    const { openFolder, openMemory } = await import('./engines/pglite.ts')
    return location.folder === undefined ? openMemory() : openFolder(location.folder, location.url)
  }
  // From JavaScript, or with an assertion: openDatabase(process.env.DATABASE_URL)
  if (target === undefined || target === null) throw noDatabaseUrl()
  if (typeof target !== 'object') throw unknownTarget(target)
  if (isDatabase(target)) return target
  if (isPGlite(target)) {
    const { openInstance } = await import('./engines/pglite.ts')
    return openInstance(target as unknown as PGliteClient)
  }
  if (isPgPool(target)) {
    const { openPool } = await import('./engines/node-postgres.ts')
    return openPool(target as unknown as Pool)
  }
  if (isPgClient(target)) {
    const { openClient } = await import('./engines/node-postgres.ts')
    return openClient(target as unknown as Client)
  }
  throw unknownTarget(target)
}

function unknownTarget(target: unknown): ConfigError {
  const isNative = typeof target === 'object' && target !== null && 'native' in target
  return new ConfigError('BAD_OPTION', {
    what: isNative
      ? 'clients of pg-native are not supported'
      : 'this is no database that can be opened',
    why: 'a URL, a Pool or Client of "pg", or a PGlite instance is expected',
    fix: 'openDatabase(process.env.DATABASE_URL)',
  })
}

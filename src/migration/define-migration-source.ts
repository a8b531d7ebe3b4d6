import type { DatabaseTarget } from '../database/open.ts'
import type { Migration } from './define-migration.ts'
import { Migrator } from './migrator.ts'
import type { DownResult, MigrateResult, RunOptions } from './migrator.ts'

/** A database and its migrations as one value: bundles and serverless functions have no folder. */
export interface MigrationSource {
  /** A connection URL, a `pg` Pool or Client, a PGlite instance, or what `openDatabase` returned. */
  readonly database: DatabaseTarget
  /** The migrations, each with its `name`; they run in the order of their names. */
  readonly migrations: readonly Migration[]
  /** The history table. Default: `faasjs_pg_migrations`. */
  readonly historyTable?: string
}

/**
 * Types a migration source; returns it unchanged.
 *
 * @example
 * ```ts
 * const source = defineMigrationSource({
 *   database: 'postgres://localhost/app',
 *   migrations: [createUsers, addEmail],
 * })
 *
 * await migrate(source)
 * ```
 */
export function defineMigrationSource<const Source extends MigrationSource>(
  source: Source,
): Source {
  return source
}

/** Applies all pending migrations of a source. Throws what `Migrator.migrate` throws. */
export function migrate(source: MigrationSource, options?: RunOptions): Promise<MigrateResult> {
  return withMigrator(source, (migrator) => migrator.migrate(options))
}

/** Takes back the latest migration of a source. Throws what `Migrator.down` throws. */
export function migrateDown(source: MigrationSource, options?: RunOptions): Promise<DownResult> {
  return withMigrator(source, (migrator) => migrator.down(options))
}

async function withMigrator<T>(
  { database, migrations, historyTable }: MigrationSource,
  work: (migrator: Migrator) => Promise<T>,
): Promise<T> {
  const migrator = new Migrator({ client: database, migrations, historyTable })
  try {
    return await work(migrator)
  } finally {
    await migrator.close()
  }
}

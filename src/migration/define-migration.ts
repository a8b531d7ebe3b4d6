import type { SchemaBuilder } from '../builder/schema-builder.ts'
import type { Sql } from '../builder/sql-fragment.ts'
import type { Operation } from '../operations/operation.ts'
import type { MigrationDb } from './migration-db.ts'

/** What `up` and `down` get besides the builder. */
export interface MigrationContext {
  /** Rows, in the transaction of the migration; what the builder has recorded before runs first. */
  readonly db: MigrationDb
}

/** A step of a list: what a builder call returned, an operation as data, or SQL. */
export type MigrationStep = Operation | SchemaBuilder | Sql | readonly MigrationStep[]

/** Records a change. May be async: it is awaited. May return a list of steps too. */
export type MigrationFunction = (builder: SchemaBuilder, context: MigrationContext) => unknown

/** A direction of a migration. */
export type MigrationDirection = MigrationFunction | readonly MigrationStep[]

/** What a migration file exports, by name or as its default. */
export interface Migration {
  /**
   * The name in the history. A file has its name already; a migration of `defineMigrationSource` needs
   * one.
   */
  readonly name?: string
  /** Records the change. */
  readonly up: MigrationDirection
  /**
   * Records what undoes the change. Left out, it is derived from what `up` records; `false` says that
   * there is no way back.
   */
  readonly down?: MigrationDirection | false
  /**
   * `false`: the statements run one at a time outside a transaction, for what PostgreSQL cannot do
   * inside one, such as `CREATE INDEX CONCURRENTLY`. Default: `true`.
   */
  readonly transaction?: boolean
  /** How long a statement waits for a lock, as PostgreSQL writes it: `'5s'`. Default: the server's. */
  readonly lockTimeout?: string
}

/**
 * Types a migration without annotations; returns it unchanged.
 *
 * @example
 * ```ts
 * export default defineMigration({
 *   up(builder) {
 *     builder.createTable('users', (table) => {
 *       table.id()
 *       table.string('email').unique()
 *     })
 *   },
 * })
 * ```
 */
export function defineMigration<const Definition extends Migration>(
  migration: Definition,
): Definition {
  return migration
}

import type { IndexKeysInput } from '../index-keys.ts'
import { parseName } from '../names.ts'
import type { NameInput } from '../names.ts'
import type { CreateIndexOptions, DropIndexOptions, NamedIndex } from '../table-indexes.ts'
import { ConstraintCalls } from './constraint-calls.ts'

/** Indexes. */
export abstract class IndexCalls extends ConstraintCalls {
  /**
   * Creates an index. Default name: `idx_<table>_<columns>`.
   *
   * @example
   * ```ts
   * builder.createIndex('users', 'email', { unique: true, where: 'deleted_at IS NULL' })
   * builder.createIndex('posts', 'tags', { indexType: 'gin' })
   * ```
   */
  createIndex(table: NameInput, keys: IndexKeysInput, options: CreateIndexOptions = {}): this {
    return this.alterTable(table, (builder) => void builder.index(keys, options))
  }

  /**
   * Drops an index: that on these keys, by its default name or `{ name }`, or by its name alone.
   *
   * @example
   * ```ts
   * builder.dropIndex('users', 'email', { was: { unique: true } })
   * builder.dropIndex('users', { index: 'users_by_email' }, { concurrently: true })
   * ```
   */
  dropIndex(
    table: NameInput,
    target: IndexKeysInput | NamedIndex,
    options: DropIndexOptions = {},
  ): this {
    return this.alterTable(table, (builder) => void builder.dropIndex(target, options))
  }

  /**
   * Renames an index of a table.
   *
   * @example
   * ```ts
   * builder.renameIndex('users', 'idx_users_email', 'users_by_email')
   * ```
   */
  renameIndex(table: NameInput, from: string, to: string): this {
    return this.alterTable(table, (builder) => void builder.renameIndex(from, to))
  }

  /**
   * Builds an index anew, or all indexes of a table.
   *
   * @param options - `concurrently`: without blocking writes, outside a transaction. Default: `false`.
   * @example
   * ```ts
   * builder.reindex({ index: 'idx_users_email' }, { concurrently: true })
   * ```
   */
  reindex(
    target: { readonly index: NameInput } | { readonly table: NameInput },
    options: { readonly concurrently?: boolean } = {},
  ): this {
    return this.record({
      kind: 'reindex',
      target:
        'index' in target ? { index: parseName(target.index) } : { table: parseName(target.table) },
      ...(options.concurrently && { concurrently: true }),
    })
  }
}

import type { IndexKeysInput } from '../index-keys.ts'
import { parseName } from '../names.ts'
import type { NameInput } from '../names.ts'
import type { CreateIndexOptions, DropIndexOptions } from '../table-indexes.ts'
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

  /** Drops the index on these keys, by its default name or `{ name }`. */
  dropIndex(table: NameInput, keys: IndexKeysInput, options: DropIndexOptions = {}): this {
    return this.alterTable(table, (builder) => void builder.dropIndex(keys, options))
  }

  /** Renames an index of a table. */
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

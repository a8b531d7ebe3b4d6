import type { IndexDefinition } from '../operations/definitions.ts'
import { indexDefinition, indexName } from './index-keys.ts'
import type { IndexKeyInput, IndexKeysInput, IndexOptions } from './index-keys.ts'
import { TableConstraints } from './table-constraints.ts'

export interface CreateIndexOptions extends IndexOptions {
  /**
   * Builds it without blocking writes. PostgreSQL cannot do that in a transaction: the migration says
   * `export const transaction = false`. Default: `false`.
   */
  readonly concurrently?: boolean
}

export interface DropIndexOptions {
  /** Default: `idx_<table>_<columns>`. */
  readonly name?: string
  /** Drops it without blocking queries, outside a transaction. Default: `false`. */
  readonly concurrently?: boolean
  /** What the index was besides its keys, so that the drop can be undone: `{}` for a plain one. */
  readonly was?: Omit<IndexOptions, 'name'>
}

/** Indexes. */
export abstract class TableIndexes extends TableConstraints {
  /**
   * An index on columns or expressions. Default name: `idx_<table>_<columns>`.
   *
   * @example
   * ```ts
   * table.index('email', { unique: true })
   * table.index(['tenant_id', { column: 'created_at', order: 'desc' }])
   * table.index(sql`lower(email)`, { name: 'idx_users_email_lower' })
   * table.index('tags', { indexType: 'gin' })
   * table.index('status', { where: `status <> 'done'` })
   * ```
   */
  // A list first: as a part of the union below it takes longer to check.
  index(keys: readonly IndexKeyInput[], options?: CreateIndexOptions): this
  index(keys: IndexKeysInput, options?: CreateIndexOptions): this
  index(keys: IndexKeysInput, options: CreateIndexOptions = {}): this {
    const index: IndexDefinition = indexDefinition(this.table.name, keys, options)
    return this.do((trace) =>
      this.recorder.createIndex(index, options.concurrently === true, trace),
    )
  }

  /**
   * Drops the index on these keys, by its default name or the given one.
   *
   * @example
   * ```ts
   * table.dropIndex('email')
   * table.dropIndex('email', { was: { unique: true } })
   * ```
   */
  dropIndex(keys: IndexKeysInput, options: DropIndexOptions = {}): this {
    const { concurrently, was } = options
    const name = indexName(this.table.name, keys, options.name)
    const index = was && indexDefinition(this.table.name, keys, { ...was, name })
    return this.do((trace) =>
      this.recorder.dropIndex(
        {
          kind: 'dropIndex',
          table: this.table,
          name,
          ...(concurrently && { concurrently }),
          ...(index && { was: index }),
        },
        trace,
      ),
    )
  }
}

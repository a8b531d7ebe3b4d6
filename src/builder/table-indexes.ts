import { BuilderError } from '../errors.ts'
import type { IndexDefinition } from '../operations/definitions.ts'
import { checkIdentifier } from '../sql/identifier.ts'
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

/** An index by its name alone. */
export interface NamedIndex {
  readonly index: string
}

/** Indexes. */
export abstract class TableIndexes extends TableConstraints {
  // A list first: as a part of the union below it takes longer to check.
  /**
   * An index on several columns or expressions. Default name: `idx_<table>_<columns>`.
   *
   * @example
   * ```ts
   * table.index(['tenant_id', { column: 'created_at', order: 'desc' }])
   * ```
   */
  index(keys: readonly IndexKeyInput[], options?: CreateIndexOptions): this
  /**
   * An index on columns or expressions. Default name: `idx_<table>_<columns>`.
   *
   * @example
   * ```ts
   * table.index('email', { unique: true })
   * table.index(sql`lower(email)`, { name: 'idx_users_email_lower' })
   * table.index('tags', { indexType: 'gin' })
   * table.index('status', { where: `status <> 'done'` })
   * ```
   */
  index(keys: IndexKeysInput, options?: CreateIndexOptions): this
  index(keys: IndexKeysInput, options: CreateIndexOptions = {}): this {
    const index: IndexDefinition = indexDefinition(this.table.name, keys, options)
    return this.do((trace) =>
      this.recorder.createIndex(index, options.concurrently === true, trace),
    )
  }

  /**
   * Drops an index: that on these keys, by its default name or the given one, or `{ index: 'name' }`.
   *
   * @example
   * ```ts
   * table.dropIndex('email')
   * table.dropIndex('email', { was: { unique: true } })
   * table.dropIndex({ index: 'users_by_email' })
   * ```
   */
  dropIndex(target: IndexKeysInput | NamedIndex, options: DropIndexOptions = {}): this {
    const { concurrently } = options
    const { name, was } = isNamed(target)
      ? indexByName(target, options)
      : indexByKeys(this.table.name, target, options)
    return this.do((trace) =>
      this.recorder.dropIndex(
        {
          kind: 'dropIndex',
          table: this.table,
          name,
          ...(concurrently && { concurrently }),
          ...(was && { was }),
        },
        trace,
      ),
    )
  }
}

interface DroppedIndex {
  readonly name: string
  readonly was?: IndexDefinition
}

function indexByKeys(table: string, keys: IndexKeysInput, options: DropIndexOptions): DroppedIndex {
  const { was } = options
  const name = indexName(table, keys, options.name)
  return { name, ...(was && { was: indexDefinition(table, keys, { ...was, name }) }) }
}

function indexByName({ index }: NamedIndex, { name, was }: DropIndexOptions): DroppedIndex {
  checkIdentifier(index)
  if (name === undefined && !was) return { name: index }
  throw new BuilderError('BAD_DEFINITION', {
    what: `dropIndex({ index: '${index}' }) has ${was ? 'was' : 'name'} beside it`,
    why: 'an index has one name, and to make it anew takes its keys',
    fix: `write dropIndex('email', { name: '${index}', was: {} }), with its keys`,
    details: { index },
  })
}

function isNamed(target: IndexKeysInput | NamedIndex): target is NamedIndex {
  return typeof target === 'object' && 'index' in target
}

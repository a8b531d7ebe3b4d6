import type {
  LikePart,
  PartitionByDefinition,
  StorageParameters,
  TableDefinition,
} from '../operations/definitions.ts'
import { checkIdentifier } from '../sql/identifier.ts'
import { parseName } from './names.ts'
import type { NameInput } from './names.ts'
import { assertOneOf } from './parse.ts'
import { partitionByDefinition } from './partitions.ts'
import type { PartitionKeyInput } from './partitions.ts'
import { TableIndexes } from './table-indexes.ts'

const LIKE_PARTS: readonly LikePart[] = [
  'ALL',
  'COMMENTS',
  'COMPRESSION',
  'CONSTRAINTS',
  'DEFAULTS',
  'GENERATED',
  'IDENTITY',
  'INDEXES',
  'STATISTICS',
  'STORAGE',
]

/** What a table is besides its columns, constraints and indexes. In `createTable` only. */
export abstract class TableOptions extends TableIndexes {
  /**
   * Its changes are not written to the log: faster, and empty after a crash.
   *
   * @example
   * ```ts
   * table.unlogged()
   * ```
   */
  unlogged(): this {
    return this.#option({ persistence: 'UNLOGGED' })
  }

  /**
   * It lives as long as the session, and only the session sees it.
   *
   * @param options - `onCommit`: what a commit does to it. Default: `'preserve rows'`.
   * @example
   * ```ts
   * table.temporary({ onCommit: 'drop' })
   * ```
   */
  temporary(options: { readonly onCommit?: 'delete rows' | 'drop' | 'preserve rows' } = {}): this {
    const { onCommit } = options
    return this.#option({
      persistence: 'TEMPORARY',
      ...(onCommit && {
        onCommit: assertOneOf('onCommit', ['DELETE ROWS', 'DROP', 'PRESERVE ROWS'], onCommit),
      }),
    })
  }

  /**
   * Copies the columns of another table, and what else is named.
   *
   * @example
   * ```ts
   * table.like('posts', { including: ['defaults', 'indexes'] })
   * ```
   */
  like(
    table: NameInput,
    options: { readonly including?: readonly Lowercase<LikePart>[] } = {},
  ): this {
    const including = (options.including ?? []).map((part) =>
      assertOneOf('including', LIKE_PARTS, part),
    )
    return this.#option({ like: [{ table: parseName(table), including }] })
  }

  /**
   * It has the columns of these tables too, and their queries find its rows.
   *
   * @example
   * ```ts
   * table.inherits('places')
   * ```
   */
  inherits(...parents: readonly NameInput[]): this {
    return this.#option({ inherits: parents.map(parseName) })
  }

  /**
   * Cuts the table into partitions, made by `builder.createPartition`.
   *
   * @example
   * ```ts
   * table.partitionBy('range', 'created_at')
   * ```
   */
  partitionBy(
    strategy: 'hash' | 'list' | 'range',
    keys: PartitionKeyInput | readonly PartitionKeyInput[],
  ): this {
    const partitionBy: PartitionByDefinition = partitionByDefinition(strategy, keys)
    return this.#option({ partitionBy })
  }

  /**
   * Storage parameters: `{ fillfactor: 70, 'toast.autovacuum_enabled': false }`.
   *
   * @example
   * ```ts
   * table.with({ fillfactor: 70 })
   * ```
   */
  with(parameters: StorageParameters): this {
    return this.#option({ with: { ...parameters } })
  }

  /**
   * Where its files are.
   *
   * @example
   * ```ts
   * table.tablespace('fast_disks')
   * ```
   */
  tablespace(name: string): this {
    checkIdentifier(name)
    return this.#option({ tablespace: name })
  }

  #option(option: Partial<TableDefinition>): this {
    return this.do(() => this.recorder.tableOption(option))
  }
}

import { generatedName } from '../operations/generated-name.ts'
import type { TypeOperation } from '../operations/types.ts'
import { checkIdentifier, qualifiedName } from '../sql/identifier.ts'
import type { ColumnBuilder } from './column-builder.ts'
import type { ColumnChange } from './column-change.ts'
import { ColumnDraft } from './column-draft.ts'
import { checkType } from './data-type.ts'
import type { DefaultInput } from './default-value.ts'
import { parseName } from './names.ts'
import type { NameInput } from './names.ts'
import { rawStatement, storedText } from './parse.ts'
import type { Sql } from './sql-fragment.ts'
import { TableChanges } from './table-changes.ts'

export interface DropOptions {
  /** Also drops what depends on it. Default: `false`: then PostgreSQL refuses. */
  readonly cascade?: boolean
}

export interface DropColumnOptions extends DropOptions {
  /**
   * Does nothing where there is no such column, and can then not be undone: nothing says whether it
   * was there. Default: `false`: then PostgreSQL refuses.
   */
  readonly ifExists?: boolean
  /**
   * Describes the column as it was, so that the drop can be undone:
   * `(table) => table.text('name').nullable()`.
   */
  readonly was?: (table: TableBuilder) => unknown
}

/**
 * What the callbacks of `createTable` and `alterTable` get.
 *
 * In `createTable` the calls describe the new table; in `alterTable` each call is a change, and the
 * changes run in the order of the calls.
 */
export class TableBuilder extends TableChanges {
  protected override column<Value = DefaultInput>(
    name: string,
    type: string,
  ): ColumnBuilder<Value> {
    return this.#addColumn(name, type, undefined)
  }

  protected override enumColumn<Value extends string>(
    name: string,
    values: readonly Value[],
    typeName: NameInput | undefined,
  ): ColumnBuilder<Value> {
    const given = typeName === undefined ? undefined : parseName(typeName)
    // Unless it says otherwise, the type lives where its table lives.
    const type = { ...this.table, ...(given ?? { name: generatedName([this.table.name, name]) }) }
    return this.#addColumn(name, qualifiedName(type), {
      kind: 'createType',
      type,
      values: [...values],
    })
  }

  /**
   * Changes a column.
   *
   * @param name - The column; in `createTable` one that the callback has added.
   * @param change - What changes; the rest stays.
   * @example
   * ```ts
   * table.alterColumn('age', { type: 'integer', using: 'age::integer', nullable: false })
   * ```
   */
  override alterColumn(name: string, change: ColumnChange): this {
    return this.do((trace) => this.recorder.alterColumn(name, change, trace))
  }

  /**
   * Drops a column and all its data.
   *
   * @example
   * ```ts
   * table.dropColumn('nickname', { was: (table) => table.text('nickname').nullable() })
   * ```
   */
  dropColumn(name: string, options: DropColumnOptions = {}): this {
    return this.do((trace) => this.recorder.dropColumn(name, options, trace))
  }

  /**
   * Renames a column; its data, constraints and indexes stay.
   *
   * @example
   * ```ts
   * table.renameColumn('name', 'full_name')
   * ```
   */
  renameColumn(from: string, to: string): this {
    return this.do((trace) => this.recorder.renameColumn(from, to, trace))
  }

  /**
   * What the table is for, in the catalog. `null` removes the comment.
   *
   * @example
   * ```ts
   * table.comment('who can log in')
   * ```
   */
  comment(text: string | null): this {
    return this.do((trace) =>
      this.recorder.follow(
        { kind: 'comment', on: { table: this.table }, text: storedText(text) },
        trace,
      ),
    )
  }

  /**
   * A statement of your own, sent exactly as written, in its place among the calls; in `createTable`
   * after the table is there.
   *
   * @example
   * ```ts
   * table.raw('ALTER TABLE users CLUSTER ON users_pkey', 'ALTER TABLE users SET WITHOUT CLUSTER')
   * ```
   */
  raw(up: string | Sql, down?: string | Sql): this {
    const raw = rawStatement(up, down)
    return this.do((trace) => this.recorder.follow(raw, trace))
  }

  #addColumn<Value>(
    name: string,
    type: string,
    createType: TypeOperation | undefined,
  ): ColumnBuilder<Value> {
    checkIdentifier(name)
    const draft = new ColumnDraft(name, checkType(type), () => this.recorder.claimPrimaryKey())
    return this.addDraft(draft, createType)
  }
}

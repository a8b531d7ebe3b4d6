import { BuilderError } from '../errors.ts'
import type { QualifiedName } from '../operations/definitions.ts'
import { generatedName } from '../operations/generated-name.ts'
import type { TypeOperation } from '../operations/types.ts'
import { identifier } from '../sql/identifier.ts'
import { literal } from '../sql/literal.ts'
import { commonType, referencedTable, referencingType } from './associations.ts'
import type { BelongsToOptions, TableReference } from './associations.ts'
import { ColumnBuilder } from './column-builder.ts'
import { ColumnDraft } from './column-draft.ts'
import type { DefaultInput } from './default-value.ts'
import { singular } from './singular.ts'
import { TableOptions } from './table-options.ts'

/** Columns that point to other tables. */
export abstract class TableAssociations extends TableOptions {
  /**
   * A column that points to a row of another table: `<as>_id` with the type of the referenced key, a
   * foreign key and an index.
   *
   * @param reference - The other table, by name or as a value of `defineTable`.
   * @param options - Default: NOT NULL, pointing to `id`, with an index.
   * @returns The column, for what else it is.
   * @example
   * ```ts
   * table.belongsTo('users', { as: 'author', onDelete: 'CASCADE' }) // author_id
   * ```
   */
  belongsTo(reference: TableReference, options: BelongsToOptions = {}): ColumnBuilder {
    const column = this.#reference(reference, options)
    if (options.index !== false) this.index(column.name)
    return column.builder
  }

  /**
   * As `belongsTo`, and no two rows point to the same row: a unique constraint instead of the index.
   *
   * @example
   * ```ts
   * table.oneToOne('users') // user_id
   * ```
   */
  oneToOne(
    reference: TableReference,
    options: Omit<BelongsToOptions, 'index'> = {},
  ): ColumnBuilder {
    return this.#reference(reference, options).builder.unique()
  }

  /**
   * Two columns that point to a row of any of some tables: `<as>_type` holds the table's name,
   * `<as>_id` its key. A check allows only these tables; an index serves the way back. PostgreSQL
   * cannot make sure that the row is there.
   *
   * @param references - The tables; their keys must have one type.
   * @param options - `as`: what the other row is to this one.
   * @example
   * ```ts
   * table.belongsToAny(['posts', 'photos'], { as: 'subject' }) // subject_type, subject_id
   * ```
   */
  belongsToAny(
    references: readonly TableReference[],
    options: Pick<BelongsToOptions, 'column' | 'nullable' | 'type'> & { readonly as: string },
  ): this {
    const { as, nullable = false, column = 'id' } = options
    const tables = references.map(referencedTable)
    if (tables.length === 0) {
      throw new BuilderError('BAD_DEFINITION', {
        what: `belongsToAny has no tables for "${as}"`,
        fix: "name them: table.belongsToAny(['posts', 'photos'], { as: 'subject' })",
      })
    }
    const names = tables.map(({ schema, name }) =>
      schema === undefined ? name : `${schema}.${name}`,
    )
    const kind = `${as}_type`
    this.text(kind).nullable(nullable)
    this.#keyColumn(`${as}_id`, tables, references, column, options.type).nullable(nullable)
    this.check(
      generatedName([this.table.name, kind], 'check'),
      `${identifier(kind)} IN (${names.map(literal).join(', ')})`,
    )
    return this.index([kind, `${as}_id`])
  }

  /** Adds a column and returns the chain that describes it further. */
  protected addDraft<Value = DefaultInput>(
    draft: ColumnDraft,
    createType?: TypeOperation,
  ): ColumnBuilder<Value> {
    this.do((trace) => {
      this.recorder.addColumn(draft, createType, trace)
      draft.onComment = (text) =>
        this.recorder.follow(
          { kind: 'comment', on: { table: this.table, column: draft.name }, text, was: null },
          trace,
        )
      draft.onIndex = (options) => void this.index(draft.name, options)
    })
    return new ColumnBuilder(draft, (change) => this.guarded(change))
  }

  #reference(
    reference: TableReference,
    options: BelongsToOptions,
  ): { name: string; builder: ColumnBuilder } {
    const { as, column = 'id', nullable = false, onDelete, onUpdate } = options
    const table = referencedTable(reference)
    const name = options.name ?? `${as ?? singular(table.name)}_id`
    const builder = this.#keyColumn(name, [table], [reference], column, options.type)
      .nullable(nullable)
      .references(table, column)
    if (onDelete) builder.onDelete(onDelete)
    if (onUpdate) builder.onUpdate(onUpdate)
    return { name, builder }
  }

  #keyColumn(
    name: string,
    tables: readonly QualifiedName[],
    references: readonly TableReference[],
    column: string,
    type: string | undefined,
  ): ColumnBuilder {
    if (type !== undefined) return this.column(name, type)
    const known = tables.map((table, index) => this.typeOf(table, references[index], column))
    const common = commonType(known.map((found) => found && referencingType(found)))
    if (common !== undefined && !known.includes(undefined)) return this.column(name, common)

    const draft = new ColumnDraft(name, '', () => this.recorder.claimPrimaryKey())
    draft.typeOf = tables.map((table) => ({ table, column }))
    return this.addDraft(draft)
  }
}

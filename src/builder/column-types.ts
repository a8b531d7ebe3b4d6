import { BuilderError } from '../errors.ts'
import { literal } from '../sql/literal.ts'
import type { ColumnBuilder, IdentityOptions } from './column-builder.ts'
import type { NameInput } from './names.ts'
import { ScalarTypes } from './scalar-types.ts'
import type { Moment, Whole } from './scalar-types.ts'
import { sql } from './sql-fragment.ts'

/** The helpers of `TableBuilder` that are more than the name of a type. */
export abstract class ColumnTypes extends ScalarTypes {
  /** Adds a column of an enum type that is created with it. */
  protected abstract enumColumn<Value extends string>(
    name: string,
    values: readonly Value[],
    typeName: NameInput | undefined,
  ): ColumnBuilder<Value>

  /**
   * A column of any type PostgreSQL has.
   *
   * @param name - The column's name.
   * @param type - The type as SQL writes it, emitted as it is.
   * @example
   * ```ts
   * table.specificType('area', 'geometry(Polygon, 4326)')
   * ```
   */
  specificType(name: string, type: string): ColumnBuilder {
    return this.column(name, type)
  }

  /**
   * A `uuid` primary key with `gen_random_uuid()` as default. Default name: `id`.
   *
   * @example
   * ```ts
   * table.id()
   * ```
   */
  id(name = 'id'): ColumnBuilder<string> {
    return this.column(name, 'uuid')
      .defaultTo(sql`gen_random_uuid()`)
      .primary()
  }

  /**
   * An identity: PostgreSQL numbers the rows.
   *
   * @param options - `type`: default `bigint`. `always`: refuse values of your own, default `false`.
   *   `start`, `increment`: default 1.
   * @example
   * ```ts
   * table.identity('id').primary()
   * ```
   */
  identity(
    name = 'id',
    options: IdentityOptions & { readonly type?: 'bigint' | 'integer' | 'smallint' } = {},
  ): ColumnBuilder<Whole> {
    return this.column(name, options.type ?? 'bigint').identity(options)
  }

  /**
   * An array.
   *
   * @param elementType - The type of its elements as SQL writes it: `'text'`, `'numeric(10, 2)'`.
   * @example
   * ```ts
   * table.array('tags', 'text').defaultTo([])
   * ```
   */
  array(name: string, elementType: string): ColumnBuilder<string | readonly unknown[]> {
    return this.column(name, `${elementType.trim()}[]`)
  }

  /**
   * A column of an enum type. The type is created in the schema of the table just before it.
   *
   * @param values - The values, in their sort order.
   * @param options - `type`: the name of the new type. Default: `<table>_<column>`.
   * @example
   * ```ts
   * table.enum('status', ['draft', 'published']).defaultTo('draft')
   * ```
   */
  enum<const Value extends string>(
    name: string,
    values: readonly Value[],
    options: { readonly type?: NameInput } = {},
  ): ColumnBuilder<Value> {
    if (!Array.isArray(values) || values.length === 0) {
      throw new BuilderError('BAD_DEFINITION', {
        what: `enum column "${name}" has no values`,
        fix: `list them: table.enum('${name}', ['first', 'second'])`,
      })
    }
    values.forEach((value) => literal(value))
    return this.enumColumn(name, values, options.type)
  }

  /**
   * `deleted_at`, a nullable `timestamptz`: a row with a time in it counts as deleted.
   *
   * @example
   * ```ts
   * table.softDelete()
   * ```
   */
  softDelete(name = 'deleted_at'): ColumnBuilder<Moment> {
    return this.timestamptz(name).nullable()
  }

  /**
   * `position`, an `integer` with 0 as default, to sort by.
   *
   * @example
   * ```ts
   * table.sortable()
   * ```
   */
  sortable(name = 'position'): ColumnBuilder<Whole> {
    return this.integer(name).defaultTo(0)
  }

  /**
   * `created_at` and `updated_at`: `timestamptz` with `now()` as default.
   *
   * @param options - `trigger`: each UPDATE sets `updated_at`, see `builder.touchOnUpdate`. Default:
   *   `false`.
   * @example
   * ```ts
   * table.timestamps({ trigger: true })
   * ```
   */
  timestamps(options: { readonly trigger?: boolean } = {}): this {
    this.timestamptz('created_at').defaultTo('now()')
    this.timestamptz('updated_at').defaultTo('now()')
    if (!options.trigger) return this
    return this.do((trace) =>
      this.recorder.follow(
        { kind: 'touchOnUpdate', table: this.table, column: 'updated_at' },
        trace,
      ),
    )
  }
}

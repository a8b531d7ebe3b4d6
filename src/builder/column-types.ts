import { BuilderError } from '../errors.ts'
import { literal } from '../sql/literal.ts'
import type { ColumnBuilder, IdentityOptions } from './column-builder.ts'
import type { DefaultInput } from './default-value.ts'
import type { NameInput } from './names.ts'
import { sql } from './sql-fragment.ts'
import { TableCalls } from './table-calls.ts'

type Whole = number | bigint
/** Numbers that JavaScript cannot always hold are text. */
type Numeric = number | bigint | string
type Moment = string | Date
type Bytes = string | Uint8Array
type Json = string | number | boolean | readonly unknown[] | { readonly [key: string]: unknown }

/**
 * The type helpers of `TableBuilder`: each adds a column and returns its `ColumnBuilder`. A column
 * is NOT NULL unless its chain says `.nullable()`.
 */
export abstract class ColumnTypes extends TableCalls {
  /** Adds a column of any type. */
  protected abstract column<Value = DefaultInput>(name: string, type: string): ColumnBuilder<Value>

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

  /** A `uuid` primary key with `gen_random_uuid()` as default. Default name: `id`. */
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

  /** `serial`, an integer with a sequence of its own. New tables want `identity()`. */
  serial(name: string): ColumnBuilder<Whole> {
    return this.column(name, 'serial')
  }

  /** `bigserial`, a bigint with a sequence of its own. New tables want `identity()`. */
  bigserial(name: string): ColumnBuilder<Whole> {
    return this.column(name, 'bigserial')
  }

  /** `varchar`, or `varchar(length)`. */
  string(name: string, length?: number): ColumnBuilder<string> {
    return this.column(name, `varchar${modifier('length', length)}`)
  }

  /** `char(length)`, padded with spaces. Most tables want `text`. */
  char(name: string, length = 1): ColumnBuilder<string> {
    return this.column(name, `char${modifier('length', length)}`)
  }

  /** `text`. */
  text(name: string): ColumnBuilder<string> {
    return this.column(name, 'text')
  }

  /** `integer`; with a precision `decimal(precision, scale)`. Default scale: 0. */
  number(name: string, precision?: number, scale = 0): ColumnBuilder<Numeric> {
    return precision === undefined ? this.integer(name) : this.decimal(name, precision, scale)
  }

  /** `integer`, 4 bytes. */
  integer(name: string): ColumnBuilder<Whole> {
    return this.column(name, 'integer')
  }

  /** `smallint`, 2 bytes. */
  smallint(name: string): ColumnBuilder<Whole> {
    return this.column(name, 'smallint')
  }

  /** `bigint`, 8 bytes. Most clients return it as a string. */
  bigint(name: string): ColumnBuilder<Whole> {
    return this.column(name, 'bigint')
  }

  /** `decimal`, `decimal(precision)` or `decimal(precision, scale)`: exact numbers. */
  decimal(name: string, precision?: number, scale?: number): ColumnBuilder<Numeric> {
    return this.column(name, `decimal${modifier('precision', precision, scale)}`)
  }

  /** `real`, a 4-byte floating-point number. */
  real(name: string): ColumnBuilder<Numeric> {
    return this.column(name, 'real')
  }

  /** `double precision`, an 8-byte floating-point number. */
  double(name: string): ColumnBuilder<Numeric> {
    return this.column(name, 'double precision')
  }

  /** `boolean`. */
  boolean(name: string): ColumnBuilder<boolean> {
    return this.column(name, 'boolean')
  }

  /** `uuid`. */
  uuid(name: string): ColumnBuilder<string> {
    return this.column(name, 'uuid')
  }

  /** `date`, without time. */
  date(name: string): ColumnBuilder<Moment> {
    return this.column(name, 'date')
  }

  /** `time`, without time zone. */
  time(name: string): ColumnBuilder<string> {
    return this.column(name, 'time')
  }

  /** `timetz`: a time of day with its zone. */
  timetz(name: string): ColumnBuilder<string> {
    return this.column(name, 'timetz')
  }

  /** `timestamp`, without time zone: it does not say which moment it means. */
  timestamp(name: string): ColumnBuilder<Moment> {
    return this.column(name, 'timestamp')
  }

  /** `timestamptz`: a moment. */
  timestamptz(name: string): ColumnBuilder<Moment> {
    return this.column(name, 'timestamptz')
  }

  /** `interval`. */
  interval(name: string): ColumnBuilder<string> {
    return this.column(name, 'interval')
  }

  /** `json`: the text as it was written. Most tables want `jsonb`. */
  json(name: string): ColumnBuilder<Json> {
    return this.column(name, 'json')
  }

  /** `jsonb`. */
  jsonb(name: string): ColumnBuilder<Json> {
    return this.column(name, 'jsonb')
  }

  /** `bytea`: bytes. */
  bytea(name: string): ColumnBuilder<Bytes> {
    return this.column(name, 'bytea')
  }

  /** `inet`: an IP address, possibly with its network. */
  inet(name: string): ColumnBuilder<string> {
    return this.column(name, 'inet')
  }

  /** `cidr`: a network. */
  cidr(name: string): ColumnBuilder<string> {
    return this.column(name, 'cidr')
  }

  /** `macaddr`: a MAC address. */
  macaddr(name: string): ColumnBuilder<string> {
    return this.column(name, 'macaddr')
  }

  /** `money`: in the currency of the server. Most tables want `decimal`. */
  money(name: string): ColumnBuilder<Numeric> {
    return this.column(name, 'money')
  }

  /** `xml`. */
  xml(name: string): ColumnBuilder<string> {
    return this.column(name, 'xml')
  }

  /** `tsvector`: a document prepared for text search. */
  tsvector(name: string): ColumnBuilder<string> {
    return this.column(name, 'tsvector')
  }

  /** `point`: a place in the plane. */
  point(name: string): ColumnBuilder<string> {
    return this.column(name, 'point')
  }

  /**
   * An array.
   *
   * @param elementType - The type of its elements as SQL writes it: `'text'`, `'numeric(10, 2)'`.
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

  /** `deleted_at`, a nullable `timestamptz`: a row with a time in it counts as deleted. */
  softDelete(name = 'deleted_at'): ColumnBuilder<Moment> {
    return this.timestamptz(name).nullable()
  }

  /** `position`, an `integer` with 0 as default, to sort by. */
  sortable(name = 'position'): ColumnBuilder<Whole> {
    return this.integer(name).defaultTo(0)
  }

  /**
   * `created_at` and `updated_at`: `timestamptz` with `now()` as default.
   *
   * @param options - `trigger`: each UPDATE sets `updated_at`, see `builder.touchOnUpdate`. Default:
   *   `false`.
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

/** `(10, 2)`, `(10)` or nothing; throws for what is not a whole number. */
function modifier(what: string, first?: number, second?: number): string {
  if (first === undefined) return ''
  const numbers = second === undefined ? [first] : [first, second]
  if (numbers.every(Number.isInteger)) return `(${numbers.join(', ')})`
  throw new BuilderError('BAD_DEFINITION', {
    what: `a ${what} must be a whole number, got ${numbers.join(', ')}`,
    fix: 'pass a whole number, or leave it out',
  })
}

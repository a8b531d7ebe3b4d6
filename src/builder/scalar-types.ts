import { BuilderError } from '../errors.ts'
import type { ColumnBuilder } from './column-builder.ts'
import type { DefaultInput } from './default-value.ts'
import { TableCalls } from './table-calls.ts'

/** What a column of whole numbers takes as its default. */
export type Whole = number | bigint
/** Numbers that JavaScript cannot always hold are text. */
type Numeric = number | bigint | string
/** What a column of dates or times takes as its default. */
export type Moment = string | Date
type Bytes = string | Uint8Array
type Json = string | number | boolean | readonly unknown[] | { readonly [key: string]: unknown }

/**
 * The helpers of `TableBuilder` for PostgreSQL's own types: each adds a column and returns its
 * `ColumnBuilder`. A column is NOT NULL unless its chain says `.nullable()`.
 */
export abstract class ScalarTypes extends TableCalls {
  /** Adds a column of any type. */
  protected abstract column<Value = DefaultInput>(name: string, type: string): ColumnBuilder<Value>

  /**
   * `serial`, an integer with a sequence of its own. New tables want `identity()`.
   *
   * @example
   * ```ts
   * table.serial('number')
   * ```
   */
  serial(name: string): ColumnBuilder<Whole> {
    return this.column(name, 'serial')
  }

  /**
   * `bigserial`, a bigint with a sequence of its own. New tables want `identity()`.
   *
   * @example
   * ```ts
   * table.bigserial('number')
   * ```
   */
  bigserial(name: string): ColumnBuilder<Whole> {
    return this.column(name, 'bigserial')
  }

  /**
   * `varchar`, or `varchar(length)`.
   *
   * @example
   * ```ts
   * table.string('email', 320)
   * ```
   */
  string(name: string, length?: number): ColumnBuilder<string> {
    return this.column(name, `varchar${modifier('length', length)}`)
  }

  /**
   * `char(length)`, padded with spaces. Most tables want `text`.
   *
   * @example
   * ```ts
   * table.char('currency', 3)
   * ```
   */
  char(name: string, length = 1): ColumnBuilder<string> {
    return this.column(name, `char${modifier('length', length)}`)
  }

  /**
   * `text`.
   *
   * @example
   * ```ts
   * table.text('body')
   * ```
   */
  text(name: string): ColumnBuilder<string> {
    return this.column(name, 'text')
  }

  /**
   * `integer`; with a precision `decimal(precision, scale)`. Default scale: 0.
   *
   * @example
   * ```ts
   * table.number('price', 10, 2)
   * ```
   */
  number(name: string, precision?: number, scale = 0): ColumnBuilder<Numeric> {
    return precision === undefined ? this.integer(name) : this.decimal(name, precision, scale)
  }

  /**
   * `integer`, 4 bytes.
   *
   * @example
   * ```ts
   * table.integer('age')
   * ```
   */
  integer(name: string): ColumnBuilder<Whole> {
    return this.column(name, 'integer')
  }

  /**
   * `smallint`, 2 bytes.
   *
   * @example
   * ```ts
   * table.smallint('floor')
   * ```
   */
  smallint(name: string): ColumnBuilder<Whole> {
    return this.column(name, 'smallint')
  }

  /**
   * `bigint`, 8 bytes. Most clients return it as a string.
   *
   * @example
   * ```ts
   * table.bigint('views')
   * ```
   */
  bigint(name: string): ColumnBuilder<Whole> {
    return this.column(name, 'bigint')
  }

  /**
   * `decimal`, `decimal(precision)` or `decimal(precision, scale)`: exact numbers.
   *
   * @example
   * ```ts
   * table.decimal('price', 10, 2)
   * ```
   */
  decimal(name: string, precision?: number, scale?: number): ColumnBuilder<Numeric> {
    return this.column(name, `decimal${modifier('precision', precision, scale)}`)
  }

  /**
   * `real`, a 4-byte floating-point number.
   *
   * @example
   * ```ts
   * table.real('celsius')
   * ```
   */
  real(name: string): ColumnBuilder<Numeric> {
    return this.column(name, 'real')
  }

  /**
   * `double precision`, an 8-byte floating-point number.
   *
   * @example
   * ```ts
   * table.double('longitude')
   * ```
   */
  double(name: string): ColumnBuilder<Numeric> {
    return this.column(name, 'double precision')
  }

  /**
   * `boolean`.
   *
   * @example
   * ```ts
   * table.boolean('is_admin').defaultTo(false)
   * ```
   */
  boolean(name: string): ColumnBuilder<boolean> {
    return this.column(name, 'boolean')
  }

  /**
   * `uuid`.
   *
   * @example
   * ```ts
   * table.uuid('token')
   * ```
   */
  uuid(name: string): ColumnBuilder<string> {
    return this.column(name, 'uuid')
  }

  /**
   * `date`, without time.
   *
   * @example
   * ```ts
   * table.date('born_on')
   * ```
   */
  date(name: string): ColumnBuilder<Moment> {
    return this.column(name, 'date')
  }

  /**
   * `time`, without time zone.
   *
   * @example
   * ```ts
   * table.time('opens_at')
   * ```
   */
  time(name: string): ColumnBuilder<string> {
    return this.column(name, 'time')
  }

  /**
   * `timetz`: a time of day with its zone.
   *
   * @example
   * ```ts
   * table.timetz('rings_at')
   * ```
   */
  timetz(name: string): ColumnBuilder<string> {
    return this.column(name, 'timetz')
  }

  /**
   * `timestamp`, without time zone: it does not say which moment it means.
   *
   * @example
   * ```ts
   * table.timestamp('local_time')
   * ```
   */
  timestamp(name: string): ColumnBuilder<Moment> {
    return this.column(name, 'timestamp')
  }

  /**
   * `timestamptz`: a moment.
   *
   * @example
   * ```ts
   * table.timestamptz('due_at').defaultTo('now()')
   * ```
   */
  timestamptz(name: string): ColumnBuilder<Moment> {
    return this.column(name, 'timestamptz')
  }

  /**
   * `interval`.
   *
   * @example
   * ```ts
   * table.interval('duration')
   * ```
   */
  interval(name: string): ColumnBuilder<string> {
    return this.column(name, 'interval')
  }

  /**
   * `json`: the text as it was written. Most tables want `jsonb`.
   *
   * @example
   * ```ts
   * table.json('response')
   * ```
   */
  json(name: string): ColumnBuilder<Json> {
    return this.column(name, 'json')
  }

  /**
   * `jsonb`.
   *
   * @example
   * ```ts
   * table.jsonb('settings').defaultTo({})
   * ```
   */
  jsonb(name: string): ColumnBuilder<Json> {
    return this.column(name, 'jsonb')
  }

  /**
   * `bytea`: bytes.
   *
   * @example
   * ```ts
   * table.bytea('thumbnail')
   * ```
   */
  bytea(name: string): ColumnBuilder<Bytes> {
    return this.column(name, 'bytea')
  }

  /**
   * `inet`: an IP address, possibly with its network.
   *
   * @example
   * ```ts
   * table.inet('client')
   * ```
   */
  inet(name: string): ColumnBuilder<string> {
    return this.column(name, 'inet')
  }

  /**
   * `cidr`: a network.
   *
   * @example
   * ```ts
   * table.cidr('network')
   * ```
   */
  cidr(name: string): ColumnBuilder<string> {
    return this.column(name, 'cidr')
  }

  /**
   * `macaddr`: a MAC address.
   *
   * @example
   * ```ts
   * table.macaddr('device')
   * ```
   */
  macaddr(name: string): ColumnBuilder<string> {
    return this.column(name, 'macaddr')
  }

  /**
   * `money`: in the currency of the server. Most tables want `decimal`.
   *
   * @example
   * ```ts
   * table.money('price')
   * ```
   */
  money(name: string): ColumnBuilder<Numeric> {
    return this.column(name, 'money')
  }

  /**
   * `xml`.
   *
   * @example
   * ```ts
   * table.xml('document')
   * ```
   */
  xml(name: string): ColumnBuilder<string> {
    return this.column(name, 'xml')
  }

  /**
   * `tsvector`: a document prepared for text search.
   *
   * @example
   * ```ts
   * table.tsvector('words')
   * ```
   */
  tsvector(name: string): ColumnBuilder<string> {
    return this.column(name, 'tsvector')
  }

  /**
   * `point`: a place in the plane.
   *
   * @example
   * ```ts
   * table.point('place')
   * ```
   */
  point(name: string): ColumnBuilder<string> {
    return this.column(name, 'point')
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

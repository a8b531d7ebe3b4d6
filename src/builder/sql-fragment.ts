import { BuilderError } from '../errors.ts'
import { identifier } from '../sql/identifier.ts'
import { literal } from '../sql/literal.ts'

const BRAND: unique symbol = Symbol.for('@faasjs/pg/sql') as never

/** A piece of SQL that is emitted as written, made by `sql` or `rawSql`. */
export class Sql {
  readonly sql: string
  /** As a statement of its own: what undoes it. */
  readonly undo?: string

  constructor(text: string, undo?: string) {
    this.sql = text
    if (undo !== undefined) this.undo = undo
    // By symbol, not by class: two copies of this package may be loaded in one process.
    Object.defineProperty(this, BRAND, { value: true })
  }
}

/** Whether a value was made by `sql` or `rawSql`. */
export function isSql(value: unknown): value is Sql {
  return typeof value === 'object' && value !== null && BRAND in value
}

/** What may stand in `${…}` of a `sql` template. */
export type SqlValue = Sql | string | number | bigint | boolean | Date | null

/** The `sql` template tag, and `sql.identifier`. */
export interface SqlTag {
  (strings: TemplateStringsArray, ...values: readonly SqlValue[]): Sql
  /** Quotes a name, part by part: `sql.identifier('app', 'users')` is `"app"."users"`. */
  identifier(...parts: readonly string[]): Sql
}

function template(strings: TemplateStringsArray, ...values: readonly SqlValue[]): Sql {
  // The cooked text, so that `\\` in the source is one backslash in SQL, as in any other string.
  return new Sql(
    strings.map((text, index) => (index === 0 ? text : embed(values[index - 1]) + text)).join(''),
  )
}

function embed(value: SqlValue | undefined): string {
  if (isSql(value)) return value.sql
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Date) return literal(value.toISOString())
  if (value === null) return literal(null)
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return literal(value)
  }
  throw new BuilderError('BAD_VALUE', {
    what: `a sql template cannot hold a value of type ${typeof value}`,
    fix: 'pass a string, number, bigint, boolean, Date, null, or another sql`…`',
  })
}

/**
 * An SQL expression. Values in `${…}` become literals; other `sql` fragments are put in as they are.
 *
 * @example
 * ```ts
 * table.uuid('token').defaultTo(sql`gen_random_uuid()`)
 * table.check('adult', sql`${sql.identifier('age')} >= ${18}`)
 * ```
 */
export const sql: SqlTag = Object.assign(template, {
  identifier: (...parts: readonly string[]): Sql => new Sql(parts.map(identifier).join('.')),
})

/**
 * An SQL expression from plain text, emitted exactly as written; in a list of steps and in `raw()` a
 * statement.
 *
 * @param text - SQL, not checked in any way.
 * @param undo - Of a statement: what undoes it, so that its migration can be reversed.
 * @example
 * ```ts
 * table.uuid('token').defaultTo(rawSql('gen_random_uuid()'))
 * ```
 * @example
 * ```ts
 * builder.raw(rawSql('CREATE EXTENSION citext', 'DROP EXTENSION citext'))
 * ```
 */
export function rawSql(text: string, undo?: string): Sql {
  return new Sql(text, undo)
}

import { BuilderError } from '../errors.ts'
import type {
  DefaultDefinition,
  ForeignKeyAction,
  IdentityDefinition,
} from '../operations/definitions.ts'
import type { ColumnDraft } from './column-draft.ts'
import { deferral, foreignKeyParts, named } from './constraint-options.ts'
import type { ForeignKeyOptions, NameOption, UniqueOptions } from './constraint-options.ts'
import { defaultDefinition } from './default-value.ts'
import type { DefaultInput } from './default-value.ts'
import { columnReference, foreignKeyAction } from './foreign-key-builder.ts'
import type { NameInput } from './names.ts'
import { collation, expression, storedText } from './parse.ts'
import type { Sql } from './sql-fragment.ts'
import type { CreateIndexOptions } from './table-indexes.ts'

export interface IdentityOptions {
  /** Refuse values of your own. Default: `false`. */
  readonly always?: boolean
  /** The first number. Default: 1. */
  readonly start?: number
  /** The distance from one number to the next. Default: 1. */
  readonly increment?: number
}

/** What a column of such values takes as its default: one of them, an expression, or NULL. */
type ColumnDefault<Value> = Value | Sql | null

/**
 * One column: what a type helper of `TableBuilder` returns. Columns are NOT NULL unless
 * `nullable()` says otherwise. `Value` is what it can hold, for defaults that are wrong at a glance.
 */
export class ColumnBuilder<Value = DefaultInput> {
  readonly #draft: ColumnDraft
  readonly #change: (change: () => void) => void

  /** Made by `TableBuilder`; `change` guards every modification. */
  constructor(draft: ColumnDraft, change: (change: () => void) => void) {
    this.#draft = draft
    this.#change = change
  }

  /**
   * Allows NULL.
   *
   * @param isNullable - `false` puts NOT NULL back. Default: `true`.
   * @example
   * ```ts
   * table.text('nickname').nullable()
   * ```
   */
  nullable(isNullable = true): this {
    return this.#set(() => (this.#draft.nullable = isNullable))
  }

  /**
   * The value of rows that give none.
   *
   * A string is a constant, with one exception: `'now()'` on a date or time column is the function.
   * Objects and arrays become JSON text on `json`/`jsonb` columns, arrays an array elsewhere.
   *
   * @param value - A constant, or an expression: `` sql`gen_random_uuid()` ``.
   * @throws {BuilderError} `BAD_VALUE` for text that looks like an expression on a column that cannot
   *   hold text, and for values PostgreSQL cannot store.
   * @example
   * ```ts
   * table.string('status').defaultTo('draft')
   * table.uuid('token').defaultTo(sql`gen_random_uuid()`)
   * ```
   */
  defaultTo(value: ColumnDefault<Value>): this {
    return this.#set(() => (this.#draft.default = this.#definition(value)))
  }

  /**
   * Makes this column the primary key. For a key of several columns use `table.primary([...])`.
   *
   * @param options - `name` of the constraint. Default: `<table>_pkey`.
   * @throws {BuilderError} `DUPLICATE_CONSTRAINT` when the table has a primary key already.
   * @example
   * ```ts
   * table.uuid('id').primary()
   * ```
   */
  primary(options: NameOption = {}): this {
    const { name } = named(options)
    return this.#set(() => this.#draft.setPrimary(name))
  }

  /**
   * Allows each value once.
   *
   * @param options - `name` of the constraint. Default: `<table>_<column>_key`.
   * @example
   * ```ts
   * table.string('email').unique()
   * ```
   */
  unique(options: Omit<UniqueOptions, 'include'> = {}): this {
    const nulls = options.nullsNotDistinct ? { nullsNotDistinct: true as const } : {}
    return this.#set(
      () => (this.#draft.unique = { ...named(options), ...nulls, ...deferral(options) }),
    )
  }

  /**
   * Allows only values that another table has.
   *
   * @param table - The referenced table.
   * @param column - The referenced column.
   * @param options - When and for which rows it is checked; `name` of the constraint, default
   *   `<table>_<column>_fkey`.
   * @example
   * ```ts
   * table.uuid('author_id').references('users', 'id').onDelete('CASCADE')
   * ```
   */
  references(table: NameInput, column: string, options: ForeignKeyOptions = {}): this {
    return this.#set(
      () =>
        (this.#draft.references = {
          ...columnReference(table, column),
          ...named(options),
          parts: foreignKeyParts(options),
        }),
    )
  }

  /**
   * An index on the column. Default name: `idx_<table>_<column>`.
   *
   * @param options - As of `table.index`.
   * @example
   * ```ts
   * table.string('email').index({ unique: true, where: 'deleted_at IS NULL' })
   * ```
   */
  index(options: CreateIndexOptions = {}): this {
    return this.#set(() => this.#draft.onIndex(options))
  }

  /**
   * What happens to this row when the referenced row is deleted. Default: `NO ACTION`.
   *
   * @example
   * ```ts
   * table.uuid('author_id').references('users', 'id').onDelete('CASCADE')
   * ```
   */
  onDelete(action: ForeignKeyAction): this {
    return this.#set(() => (this.#draft.reference('onDelete').onDelete = foreignKeyAction(action)))
  }

  /**
   * What happens to this row when the referenced key changes. Default: `NO ACTION`.
   *
   * @example
   * ```ts
   * table.text('country').references('countries', 'code').onUpdate('CASCADE')
   * ```
   */
  onUpdate(action: ForeignKeyAction): this {
    return this.#set(() => (this.#draft.reference('onUpdate').onUpdate = foreignKeyAction(action)))
  }

  /**
   * Allows only rows for which the expression is not false.
   *
   * @param options - `name` of the constraint. Default: `<table>_<column>_check`.
   * @example
   * ```ts
   * table.integer('age').check('age >= 0')
   * ```
   */
  check(condition: string | Sql, options: NameOption = {}): this {
    return this.#set(() => {
      this.#draft.check = expression(condition, 'check')
      this.#draft.checkName = named(options).name
    })
  }

  /**
   * What the column is for, in the catalog.
   *
   * @example
   * ```ts
   * table.text('bio').comment('in Markdown')
   * ```
   */
  comment(text: string): this {
    return this.#set(() => this.#draft.onComment(storedText(text)))
  }

  /**
   * The collation, by its plain name: `'C'`, `'de-x-icu'`, or with its schema in parts.
   *
   * @example
   * ```ts
   * table.text('code').collate('C')
   * ```
   */
  collate(name: NameInput): this {
    return this.#set(() => (this.#draft.collate = collation(name)))
  }

  /**
   * A value computed from the other columns of the row.
   *
   * @param options - `stored`: keep it in the table, default `true`; `false` computes it when it is
   *   read (PostgreSQL 18 and later).
   * @example
   * ```ts
   * table.decimal('total', 12, 2).generatedAs('price * quantity')
   * ```
   */
  generatedAs(value: string | Sql, options: { readonly stored?: boolean } = {}): this {
    const { stored = true } = options
    return this.#set(
      () => (this.#draft.generated = { expression: expression(value, 'generatedAs'), stored }),
    )
  }

  /**
   * The value of rows that are there already, for a new column that is NOT NULL and has no default:
   * the column is added, filled, then set NOT NULL. In `createTable` there are no rows yet.
   *
   * @param value - With the rules of `defaultTo`.
   * @example
   * ```ts
   * builder.addColumn('users', (table) => table.string('locale').backfill('en'))
   * ```
   */
  backfill(value: ColumnDefault<Value>): this {
    return this.#set(() => (this.#draft.backfill = this.#definition(value)))
  }

  /**
   * Lets PostgreSQL number the rows; see `table.identity()`.
   *
   * @example
   * ```ts
   * table.integer('number').identity({ start: 1000 })
   * ```
   */
  identity(options: IdentityOptions = {}): this {
    return this.#set(() => (this.#draft.identity = identityDefinition(options)))
  }

  #definition(value: ColumnDefault<Value>): DefaultDefinition {
    // What `Value` may be is decided by the helpers of `ColumnTypes`: a part of `DefaultInput`.
    return defaultDefinition(value as DefaultInput, this.#draft.type)
  }

  #set(change: () => void): this {
    this.#change(change)
    return this
  }
}

export function identityDefinition({
  always,
  start,
  increment,
}: IdentityOptions): IdentityDefinition {
  const numbers = [start, increment].filter((number) => number !== undefined)
  if (!numbers.every(Number.isSafeInteger)) {
    throw new BuilderError('BAD_DEFINITION', {
      what: `an identity counts in whole numbers, got ${numbers.join(' and ')}`,
      fix: 'pass whole numbers as start and increment',
    })
  }
  return {
    mode: always ? 'ALWAYS' : 'BY DEFAULT',
    ...(start !== undefined && { start }),
    ...(increment !== undefined && { increment }),
  }
}

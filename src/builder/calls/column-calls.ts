import { BuilderError } from '../../errors.ts'
import type { ColumnStorage } from '../../operations/columns.ts'
import { checkIdentifier } from '../../sql/identifier.ts'
import { identityDefinition } from '../column-builder.ts'
import type { ColumnBuilder, IdentityOptions } from '../column-builder.ts'
import type { ColumnChange } from '../column-change.ts'
import { defaultDefinition } from '../default-value.ts'
import type { DefaultInput } from '../default-value.ts'
import { parseName } from '../names.ts'
import type { NameInput } from '../names.ts'
import { assertOneOf, expression } from '../parse.ts'
import type { Sql } from '../sql-fragment.ts'
import type { DropColumnOptions, TableBuilder } from '../table-builder.ts'
import { PartitionCalls } from './partition-calls.ts'

const STORAGES: readonly ColumnStorage[] = ['EXTENDED', 'EXTERNAL', 'MAIN', 'PLAIN']

/** Columns, one call a change: each is `alterTable` with one call in it. */
export abstract class ColumnCalls extends PartitionCalls {
  /**
   * Adds a column.
   *
   * @example
   * ```ts
   * builder.addColumn('users', (table) => table.string('nickname').nullable())
   * ```
   */
  addColumn(table: NameInput, define: (table: TableBuilder) => ColumnBuilder<unknown>): this {
    return this.alterTable(table, (builder) => void define(builder))
  }

  /**
   * Drops a column and all its data.
   *
   * @example
   * ```ts
   * builder.dropColumn('users', 'nickname', { was: (table) => table.string('nickname').nullable() })
   * ```
   */
  dropColumn(table: NameInput, name: string, options: DropColumnOptions = {}): this {
    return this.alterTable(table, (builder) => void builder.dropColumn(name, options))
  }

  /**
   * Renames a column.
   *
   * @example
   * ```ts
   * builder.renameColumn('users', 'name', 'full_name')
   * ```
   */
  renameColumn(table: NameInput, from: string, to: string): this {
    return this.alterTable(table, (builder) => void builder.renameColumn(from, to))
  }

  /**
   * Changes a column; see `table.alterColumn`.
   *
   * @example
   * ```ts
   * builder.alterColumn('users', 'age', { type: 'smallint', was: { type: 'integer' } })
   * ```
   */
  alterColumn(table: NameInput, name: string, change: ColumnChange): this {
    return this.alterTable(table, (builder) => void builder.alterColumn(name, change))
  }

  /**
   * Forbids NULL. Undone, NULL is allowed, unless the same migration shows that it was forbidden
   * before.
   *
   * @example
   * ```ts
   * builder.setNotNull('users', 'email')
   * ```
   */
  setNotNull(table: NameInput, column: string): this {
    return this.alterTable(table, (builder) => void builder.setNotNull(column))
  }

  /**
   * Allows NULL. Undone, NULL is forbidden, unless the same migration shows that it was allowed
   * before.
   *
   * @example
   * ```ts
   * builder.setNullable('users', 'email')
   * ```
   */
  setNullable(table: NameInput, column: string): this {
    return this.alterTable(table, (builder) => void builder.setNullable(column))
  }

  /**
   * Sets the default of a column.
   *
   * @param value - With the rules of `defaultTo`; an array or object needs `` sql`…` ``.
   * @param options - `was`: the default before, or `{ noDefault: true }`, so that it can be undone.
   * @example
   * ```ts
   * builder.setDefault('users', 'status', 'active', { was: { noDefault: true } })
   * ```
   */
  setDefault(
    table: NameInput,
    column: string,
    value: DefaultInput,
    options: Pick<ColumnChange, 'was'> = {},
  ): this {
    return this.alterTable(table, (builder) => void builder.setDefault(column, value, options))
  }

  /**
   * Removes the default of a column.
   *
   * @example
   * ```ts
   * builder.dropDefault('users', 'status', { was: { defaultValue: 'active' } })
   * ```
   */
  dropDefault(table: NameInput, column: string, options: Pick<ColumnChange, 'was'> = {}): this {
    return this.alterTable(table, (builder) => void builder.dropDefault(column, options))
  }

  /**
   * Lets PostgreSQL number the rows by this column, which must be NOT NULL.
   *
   * @example
   * ```ts
   * builder.addIdentity('tickets', 'number', { start: 1000 })
   * ```
   */
  addIdentity(table: NameInput, column: string, options: IdentityOptions = {}): this {
    checkIdentifier(column)
    return this.record({
      kind: 'addIdentity',
      table: parseName(table),
      column,
      identity: identityDefinition(options),
    })
  }

  /**
   * Ends the numbering by this column; the numbers stay.
   *
   * @param options - `was`: the identity it had, so that this can be undone.
   * @example
   * ```ts
   * builder.dropIdentity('tickets', 'number', { was: { start: 1000 } })
   * ```
   */
  dropIdentity(
    table: NameInput,
    column: string,
    options: { readonly was?: IdentityOptions } = {},
  ): this {
    checkIdentifier(column)
    return this.record({
      kind: 'dropIdentity',
      table: parseName(table),
      column,
      ...(options.was && { was: identityDefinition(options.was) }),
    })
  }

  /**
   * How long values of a column are stored.
   *
   * @param options - `was`: the storage before, so that this can be undone.
   * @example
   * ```ts
   * builder.setStorage('posts', 'body', 'external', { was: 'extended' })
   * ```
   */
  setStorage(
    table: NameInput,
    column: string,
    storage: Lowercase<ColumnStorage>,
    options: { readonly was?: Lowercase<ColumnStorage> } = {},
  ): this {
    checkIdentifier(column)
    return this.record({
      kind: 'setStorage',
      table: parseName(table),
      column,
      storage: assertOneOf('storage', STORAGES, storage),
      ...(options.was && { was: assertOneOf('storage', STORAGES, options.was) }),
    })
  }

  /**
   * Gives a value to the rows that have NULL in a column, in one statement. Large tables want
   * `backfill`, which goes in batches.
   *
   * @param value - With the rules of `defaultTo`; an array is one of PostgreSQL, and JSON that begins
   *   with an array needs `` sql`…` ``.
   * @example
   * ```ts
   * builder.fill('users', 'status', 'active').setNotNull('users', 'status')
   * ```
   */
  fill(table: NameInput, column: string, value: DefaultInput): this {
    checkIdentifier(column)
    return this.record({
      kind: 'fill',
      table: parseName(table),
      column,
      value: defaultDefinition(value, 'unknown'),
    })
  }

  /**
   * Gives new values to the rows of a large table in batches, each committed on its own, by the order
   * of the primary key. After a crash the same call goes on where it was. It runs outside a
   * transaction: the migration says `export const transaction = false`.
   *
   * @param options - `set`: the new values, as in `fill`; `where`: only these rows; `batchSize`: rows at a time,
   *   default 1000; `pause` after each batch, such as `'10ms'` or a number of milliseconds, default 0.
   * @example
   * ```ts
   * builder.backfill('users', { set: { locale: 'en' }, where: 'locale IS NULL', pause: '10ms' })
   * ```
   */
  backfill(table: NameInput, options: BackfillOptions): this {
    const { set, where, batchSize = 1000, pause = 0 } = options
    const entries = Object.entries(set)
    entries.forEach(([column]) => checkIdentifier(column))
    if (entries.length === 0 || !Number.isInteger(batchSize) || batchSize < 1) {
      throw new BuilderError('BAD_DEFINITION', {
        what: `backfill of "${parseName(table).name}" has ${entries.length === 0 ? 'nothing to set' : `a batch size of ${batchSize}`}`,
        fix: "write backfill('users', { set: { locale: 'en' }, batchSize: 1000 })",
      })
    }
    return this.record({
      kind: 'backfill',
      table: parseName(table),
      set: Object.fromEntries(
        entries.map(([column, value]) => [column, defaultDefinition(value, 'unknown')]),
      ),
      ...(where !== undefined && { where: expression(where, 'where') }),
      batchSize,
      pauseMs: milliseconds(pause),
    })
  }
}

export interface BackfillOptions {
  readonly set: Readonly<Record<string, DefaultInput>>
  readonly where?: string | Sql
  readonly batchSize?: number
  readonly pause?: number | string
}

function milliseconds(pause: number | string): number {
  if (typeof pause === 'number' && pause >= 0) return pause
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*(ms|s)$/.exec(String(pause)) ?? []
  if (amount !== undefined) return Number(amount) * (unit === 's' ? 1000 : 1)
  throw new BuilderError('BAD_VALUE', {
    what: `"${pause}" is not a pause`,
    fix: "write '10ms', '1s' or a number of milliseconds",
  })
}

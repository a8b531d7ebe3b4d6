import type { ForeignKeyAction } from '../../operations/definitions.ts'
import type {
  CheckOptions,
  ForeignKeyOptions,
  NameOption,
  PrimaryKeyOptions,
  UniqueOptions,
} from '../constraint-options.ts'
import type { DropConstraintOptions } from '../drop-constraint.ts'
import type { NameInput } from '../names.ts'
import type { Sql } from '../sql-fragment.ts'
import type { ExcludeElementInput, ExcludeOptions } from '../table-constraints.ts'
import { ColumnCalls } from './column-calls.ts'

/** What a foreign key points to. */
export interface ForeignKeyTarget {
  readonly table: NameInput
  /** Default: `id`. */
  readonly column?: string
  /** For a key of several columns. */
  readonly columns?: readonly string[]
}

export interface AddForeignKeyOptions extends ForeignKeyOptions {
  readonly onDelete?: ForeignKeyAction
  readonly onUpdate?: ForeignKeyAction
}

/** Constraints, one call a change. */
export abstract class ConstraintCalls extends ColumnCalls {
  /**
   * Adds the primary key, which makes its columns NOT NULL. Default name: `<table>_pkey`.
   *
   * @param options - `was`: which of the columns allow NULL until now, so that this can be undone.
   * @example
   * ```ts
   * builder.addPrimaryKey('members', ['team_id', 'user_id'], { was: { nullable: 'user_id' } })
   * ```
   */
  addPrimaryKey(
    table: NameInput,
    columns: string | readonly string[],
    options: PrimaryKeyOptions = {},
  ): this {
    return this.alterTable(table, (builder) => void builder.primary(columns, options))
  }

  /**
   * Adds a unique constraint. Default name: `<table>_<columns>_key`.
   *
   * @example
   * ```ts
   * builder.addUnique('users', ['tenant_id', 'email'], { nullsNotDistinct: true })
   * ```
   */
  addUnique(
    table: NameInput,
    columns: string | readonly string[],
    options: UniqueOptions = {},
  ): this {
    return this.alterTable(table, (builder) => void builder.unique(columns, options))
  }

  /**
   * Adds a check constraint.
   *
   * @example
   * ```ts
   * builder.addCheck('orders', 'total_is_positive', 'total > 0', { notValid: true })
   * ```
   */
  addCheck(
    table: NameInput,
    name: string,
    condition: string | Sql,
    options: CheckOptions = {},
  ): this {
    return this.alterTable(table, (builder) => void builder.check(name, condition, options))
  }

  /**
   * Adds a foreign key. Default name: `<table>_<columns>_fkey`.
   *
   * @example
   * ```ts
   * builder.addForeignKey('posts', 'author_id', { table: 'users' }, { onDelete: 'CASCADE' })
   * ```
   */
  addForeignKey(
    table: NameInput,
    columns: string | readonly string[],
    target: ForeignKeyTarget,
    options: AddForeignKeyOptions = {},
  ): this {
    const { onDelete, onUpdate, ...rest } = options
    return this.alterTable(table, (builder) => {
      const key = builder
        .foreign(columns, rest)
        .references(target.table, target.columns ?? target.column ?? 'id')
      if (onDelete) key.onDelete(onDelete)
      if (onUpdate) key.onUpdate(onUpdate)
    })
  }

  /**
   * Adds an exclusion constraint. Default name: `<table>_<columns>_excl`.
   *
   * @example
   * ```ts
   * builder.addExclude('bookings', [{ column: 'period', with: '&&' }])
   * ```
   */
  addExclude(
    table: NameInput,
    elements: readonly ExcludeElementInput[],
    options: ExcludeOptions = {},
  ): this {
    return this.alterTable(table, (builder) => void builder.exclude(elements, options))
  }

  /**
   * Drops the primary key. Default name: `<table>_pkey`.
   *
   * @example
   * ```ts
   * builder.dropPrimaryKey('users', { was: (table) => table.primary('id') })
   * ```
   */
  dropPrimaryKey(table: NameInput, options: DropConstraintOptions & NameOption = {}): this {
    return this.alterTable(table, (builder) => void builder.dropPrimaryKey(options))
  }

  /**
   * Drops a unique constraint by its name.
   *
   * @example
   * ```ts
   * builder.dropUnique('users', 'users_email_key', { was: (table) => table.unique('email') })
   * ```
   */
  dropUnique(table: NameInput, name: string, options: DropConstraintOptions = {}): this {
    return this.alterTable(table, (builder) => void builder.dropUnique(name, options))
  }

  /**
   * Drops a check constraint by its name.
   *
   * @example
   * ```ts
   * builder.dropCheck('orders', 'positive', { was: (table) => table.check('positive', 'total > 0') })
   * ```
   */
  dropCheck(table: NameInput, name: string, options: DropConstraintOptions = {}): this {
    return this.alterTable(table, (builder) => void builder.dropCheck(name, options))
  }

  /**
   * Drops a foreign key by its name.
   *
   * @example
   * ```ts
   * builder.dropForeignKey('posts', 'posts_author_id_fkey', {
   *   was: (table) => table.foreign('author_id').references('users', 'id'),
   * })
   * ```
   */
  dropForeignKey(table: NameInput, name: string, options: DropConstraintOptions = {}): this {
    return this.alterTable(table, (builder) => void builder.dropForeignKey(name, options))
  }

  /**
   * Drops an exclusion constraint by its name.
   *
   * @example
   * ```ts
   * builder.dropExclude('bookings', 'bookings_period_excl', {
   *   was: (table) => table.exclude([{ column: 'period', with: '&&' }]),
   * })
   * ```
   */
  dropExclude(table: NameInput, name: string, options: DropConstraintOptions = {}): this {
    return this.alterTable(table, (builder) => void builder.dropExclude(name, options))
  }

  /**
   * Looks at the rows that were there when a constraint was added with `notValid`. It reads the
   * table without blocking writes. There is nothing to undo.
   *
   * @example
   * ```ts
   * builder.validateConstraint('orders', 'total_is_positive')
   * ```
   */
  validateConstraint(table: NameInput, name: string): this {
    return this.alterTable(table, (builder) => void builder.validateConstraint(name))
  }

  /**
   * Renames a constraint, and the index that carries it.
   *
   * @example
   * ```ts
   * builder.renameConstraint('users', 'users_email_key', 'one_account_per_email')
   * ```
   */
  renameConstraint(table: NameInput, from: string, to: string): this {
    return this.alterTable(table, (builder) => void builder.renameConstraint(from, to))
  }
}

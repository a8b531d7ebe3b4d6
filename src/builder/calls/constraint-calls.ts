import type { ConstraintDefinition, ForeignKeyAction } from '../../operations/definitions.ts'
import { generatedName } from '../../operations/generated-name.ts'
import { checkIdentifier } from '../../sql/identifier.ts'
import type {
  CheckOptions,
  ForeignKeyOptions,
  KeyOptions,
  UniqueOptions,
} from '../constraint-options.ts'
import { describedConstraint } from '../described-table.ts'
import { parseName } from '../names.ts'
import type { NameInput } from '../names.ts'
import type { Sql } from '../sql-fragment.ts'
import type { DropOptions, TableBuilder } from '../table-builder.ts'
import type { ExcludeElementInput, ExcludeOptions } from '../table-constraints.ts'
import { ColumnCalls } from './column-calls.ts'

export interface DropConstraintOptions extends DropOptions {
  /**
   * The call that made the constraint, so that the drop can be undone:
   * `(table) => table.unique(['email'])`.
   */
  readonly was?: (table: TableBuilder) => unknown
}

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
  /** Adds the primary key. Default name: `<table>_pkey`. */
  addPrimaryKey(
    table: NameInput,
    columns: string | readonly string[],
    options: KeyOptions = {},
  ): this {
    return this.alterTable(table, (builder) => void builder.primary(columns, options))
  }

  /** Adds a unique constraint. Default name: `<table>_<columns>_key`. */
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

  /** Adds an exclusion constraint. Default name: `<table>_<columns>_excl`. */
  addExclude(
    table: NameInput,
    elements: readonly ExcludeElementInput[],
    options: ExcludeOptions = {},
  ): this {
    return this.alterTable(table, (builder) => void builder.exclude(elements, options))
  }

  /** Drops the primary key. Default name: `<table>_pkey`. */
  dropPrimaryKey(
    table: NameInput,
    options: DropConstraintOptions & { readonly name?: string } = {},
  ): this {
    const name = options.name ?? generatedName([parseName(table).name], 'pkey')
    return this.record({ kind: 'dropPrimaryKey', ...drop(table, 'primaryKey', name, options) })
  }

  /** Drops a unique constraint by its name. */
  dropUnique(table: NameInput, name: string, options: DropConstraintOptions = {}): this {
    return this.record({ kind: 'dropUnique', ...drop(table, 'unique', name, options) })
  }

  /** Drops a check constraint by its name. */
  dropCheck(table: NameInput, name: string, options: DropConstraintOptions = {}): this {
    return this.record({ kind: 'dropCheck', ...drop(table, 'check', name, options) })
  }

  /** Drops a foreign key by its name. */
  dropForeignKey(table: NameInput, name: string, options: DropConstraintOptions = {}): this {
    return this.record({ kind: 'dropForeignKey', ...drop(table, 'foreignKey', name, options) })
  }

  /** Drops an exclusion constraint by its name. */
  dropExclude(table: NameInput, name: string, options: DropConstraintOptions = {}): this {
    return this.record({ kind: 'dropExclude', ...drop(table, 'exclude', name, options) })
  }

  /**
   * Looks at the rows that were there when a constraint was added with `notValid`. It reads the table
   * without blocking writes.
   */
  validateConstraint(table: NameInput, name: string): this {
    checkIdentifier(name)
    return this.record({ kind: 'validateConstraint', table: parseName(table), name })
  }

  /** Renames a constraint, and the index that carries it. */
  renameConstraint(table: NameInput, from: string, to: string): this {
    checkIdentifier(from)
    checkIdentifier(to)
    return this.record({ kind: 'renameConstraint', table: parseName(table), from, to })
  }
}

function drop<Type extends ConstraintDefinition['type']>(
  input: NameInput,
  type: Type,
  name: string,
  { cascade, was }: DropConstraintOptions,
): {
  table: ReturnType<typeof parseName>
  name: string
  cascade?: true
  was?: Extract<ConstraintDefinition, { type: Type }>
} {
  checkIdentifier(name)
  const table = parseName(input)
  return {
    table,
    name,
    ...(cascade && { cascade: true as const }),
    ...(was && { was: describedConstraint(table, type, name, was) }),
  }
}

import { BuilderError } from '../errors.ts'
import type {
  ExcludeDefinition,
  ExcludeElement,
  IndexMethod,
  PrimaryKeyDefinition,
  UniqueDefinition,
} from '../operations/definitions.ts'
import { generatedName } from '../operations/generated-name.ts'
import { checkIdentifier } from '../sql/identifier.ts'
import { ColumnTypes } from './column-types.ts'
import { deferral, foreignKeyParts, keyParts } from './constraint-options.ts'
import type {
  CheckOptions,
  DeferrableOption,
  ForeignKeyOptions,
  NameOption,
  PrimaryKeyOptions,
  UniqueOptions,
} from './constraint-options.ts'
import { ForeignKeyBuilder } from './foreign-key-builder.ts'
import { parseColumns } from './names.ts'
import { assertMethod, expression } from './parse.ts'
import type { Sql } from './sql-fragment.ts'

/** One part of an exclusion constraint. */
export interface ExcludeElementInput {
  readonly column?: string
  readonly expression?: string | Sql
  readonly opclass?: string
  /** The operator by which no two rows may compare true: `'='`, `'&&'`. */
  readonly with: string
}

export interface ExcludeOptions extends NameOption, DeferrableOption {
  /** Default: `gist`. */
  readonly indexType?: IndexMethod
  /** Only rows for which this holds are compared. */
  readonly where?: string | Sql
}

/** Constraints of one column or several. */
export abstract class TableConstraints extends ColumnTypes {
  /**
   * The primary key, of one column or several, which it makes NOT NULL. Default name: `<table>_pkey`.
   *
   * @param options - `was`, in `alterTable`: which of the columns allow NULL until now, so that this
   *   can be undone.
   * @throws {BuilderError} `DUPLICATE_CONSTRAINT` for a second one; `BAD_DEFINITION` for a `was` that
   *   does not fit.
   * @example
   * ```ts
   * table.primary(['tenant_id', 'id'])
   * ```
   */
  primary(columns: string | readonly string[], options: PrimaryKeyOptions = {}): this {
    const { was } = options
    const constraint: PrimaryKeyDefinition = {
      type: 'primaryKey',
      name: options.name ?? generatedName([this.table.name], 'pkey'),
      columns: parseColumns(columns),
      ...keyParts(options),
    }
    if (was === undefined) return this.#primary(constraint)
    const nullable = was.nullable.length === 0 ? [] : parseColumns(was.nullable)
    const other = nullable.find((column) => !constraint.columns.includes(column))
    if (other !== undefined) {
      throw new BuilderError('BAD_DEFINITION', {
        what: `{ was } of primary key "${constraint.name}" speaks of column "${other}", which is not part of it`,
        fix: 'name those columns of the key that allow NULL until now',
        details: { constraint: constraint.name, column: other },
      })
    }
    return this.#primary(constraint, { nullable })
  }

  /**
   * Makes a unique index the primary key, which takes a moment whatever the size of the table. The
   * index gets the name of the constraint. In `alterTable` only.
   *
   * @example
   * ```ts
   * table.primaryUsingIndex('users_by_email')
   * ```
   */
  primaryUsingIndex(index: string, options: NameOption & DeferrableOption = {}): this {
    checkIdentifier(index)
    const name = options.name ?? generatedName([this.table.name], 'pkey')
    return this.#primary({
      type: 'primaryKey',
      columns: [],
      usingIndex: index,
      ...keyParts(options),
      name,
    })
  }

  /**
   * A unique constraint. Default name: `<table>_<columns>_key`.
   *
   * @example
   * ```ts
   * table.unique(['tenant_id', 'email'])
   * ```
   */
  unique(columns: string | readonly string[], options: UniqueOptions = {}): this {
    const list = parseColumns(columns)
    const constraint: UniqueDefinition = {
      type: 'unique',
      name: options.name ?? generatedName([this.table.name, ...list], 'key'),
      columns: list,
      ...keyParts(options),
      ...(options.nullsNotDistinct && { nullsNotDistinct: true }),
    }
    return this.do((trace) => this.recorder.addConstraint(() => constraint, trace))
  }

  /**
   * Makes a unique index a unique constraint, which takes a moment whatever the size of the table. The
   * index gets the name of the constraint. In `alterTable` only.
   *
   * @param index - A unique index of this table, often built concurrently.
   * @param options - Default name: the index's own.
   * @example
   * ```ts
   * table.uniqueUsingIndex('users_by_email')
   * ```
   */
  uniqueUsingIndex(index: string, options: NameOption & DeferrableOption = {}): this {
    checkIdentifier(index)
    const constraint: UniqueDefinition = {
      type: 'unique',
      name: options.name ?? index,
      columns: [],
      usingIndex: index,
      ...keyParts(options),
    }
    return this.do((trace) => this.recorder.addConstraint(() => constraint, trace))
  }

  /**
   * A check constraint over any columns.
   *
   * @param name - The constraint's name.
   * @param condition - What must not be false for any row.
   * @example
   * ```ts
   * table.check('period_is_forward', 'starts_at < ends_at')
   * table.check('price_is_known', 'price IS NOT NULL', { notValid: true })
   * ```
   */
  check(name: string, condition: string | Sql, options: CheckOptions = {}): this {
    checkIdentifier(name)
    const text = expression(condition, 'check')
    const { notValid, noInherit } = options
    return this.do((trace) =>
      this.recorder.addConstraint(
        () => ({
          type: 'check',
          name,
          expression: text,
          ...(notValid && { notValid }),
          ...(noInherit && { noInherit }),
        }),
        trace,
      ),
    )
  }

  /**
   * A foreign key of one column or several. Default name: `<table>_<columns>_fkey`.
   *
   * @example
   * ```ts
   * table.foreign(['tenant_id', 'user_id']).references('users', ['tenant_id', 'id'])
   * ```
   */
  foreign(
    columns: string | readonly string[],
    options: ForeignKeyOptions = {},
  ): Pick<ForeignKeyBuilder, 'references'> {
    const list = parseColumns(columns)
    const name = options.name ?? generatedName([this.table.name, ...list], 'fkey')
    checkIdentifier(name)
    const parts = foreignKeyParts(options)
    const builder = new ForeignKeyBuilder(list, (change) => this.guarded(change))
    this.do((trace) =>
      this.recorder.addConstraint(
        () => ({ ...ForeignKeyBuilder.definition(builder, name), ...parts }),
        trace,
      ),
    )
    return builder
  }

  /**
   * An exclusion constraint: no two rows may compare true by all the operators. Default name:
   * `<table>_<columns>_excl`.
   *
   * @example
   * ```ts
   * table.exclude([{ column: 'period', with: '&&' }])
   * ```
   */
  exclude(elements: readonly ExcludeElementInput[], options: ExcludeOptions = {}): this {
    const list = elements.map(excludeElement)
    if (list.length === 0) throw nothingToExclude()
    const parts = list.map(({ column }) => column ?? 'expr')
    const name = options.name ?? generatedName([this.table.name, ...parts], 'excl')
    checkIdentifier(name)
    const constraint: ExcludeDefinition = {
      type: 'exclude',
      name,
      method: assertMethod(options.indexType ?? 'gist'),
      elements: list,
      ...(options.where !== undefined && { where: expression(options.where, 'where') }),
      ...deferral(options),
    }
    return this.do((trace) => this.recorder.addConstraint(() => constraint, trace))
  }

  #primary(constraint: PrimaryKeyDefinition, was?: { readonly nullable: readonly string[] }): this {
    return this.do((trace) => {
      this.recorder.claimPrimaryKey()
      this.recorder.addConstraint(() => constraint, trace, was)
    })
  }
}

function excludeElement(input: ExcludeElementInput): ExcludeElement {
  const { column, opclass } = input
  if ((column === undefined) === (input.expression === undefined)) throw nothingToExclude()
  if (column !== undefined) checkIdentifier(column)
  return {
    ...(column !== undefined && { column }),
    ...(input.expression !== undefined && { expression: expression(input.expression, 'exclude') }),
    ...(opclass !== undefined && { opclass: expression(opclass, 'opclass') }),
    with: expression(input.with, 'with'),
  }
}

function nothingToExclude(): BuilderError {
  return new BuilderError('BAD_DEFINITION', {
    what: 'an exclusion constraint needs columns or expressions, each with its operator',
    fix: "write exclude([{ column: 'period', with: '&&' }])",
  })
}

import { generatedName } from '../operations/generated-name.ts'
import { checkIdentifier } from '../sql/identifier.ts'
import type { ColumnChange } from './column-change.ts'
import type { NameOption } from './constraint-options.ts'
import type { DefaultInput } from './default-value.ts'
import type { DropConstraintKind, DropConstraintOptions } from './drop-constraint.ts'
import { policyDefinition } from './policies.ts'
import type { PolicyInput } from './policies.ts'
import { TableAssociations } from './table-associations.ts'

/** Changes of one thing each; those of columns also complete a column of `createTable`. */
export abstract class TableChanges extends TableAssociations {
  /** Changes a column; see `TableBuilder`. */
  abstract alterColumn(name: string, change: ColumnChange): this

  /**
   * Forbids NULL.
   *
   * @example
   * ```ts
   * table.setNotNull('email')
   * ```
   */
  setNotNull(column: string): this {
    return this.alterColumn(column, { nullable: false })
  }

  /**
   * Allows NULL.
   *
   * @example
   * ```ts
   * table.setNullable('nickname')
   * ```
   */
  setNullable(column: string): this {
    return this.alterColumn(column, { nullable: true })
  }

  /**
   * Sets the default of a column.
   *
   * @param value - With the rules of `defaultTo`; in `alterTable` an array or object needs `` sql`…` ``.
   * @param options - `was`: the default before, or `{ noDefault: true }`, so that it can be undone.
   * @example
   * ```ts
   * table.setDefault('status', 'active', { was: { noDefault: true } })
   * ```
   */
  setDefault(column: string, value: DefaultInput, options: Pick<ColumnChange, 'was'> = {}): this {
    return this.alterColumn(column, { defaultValue: value, ...options })
  }

  /**
   * Removes the default of a column.
   *
   * @example
   * ```ts
   * table.dropDefault('status', { was: { defaultValue: 'active' } })
   * ```
   */
  dropDefault(column: string, options: Pick<ColumnChange, 'was'> = {}): this {
    return this.alterColumn(column, { dropDefault: true, ...options })
  }

  /**
   * Drops the primary key. Default name: `<table>_pkey`. In `alterTable` only.
   *
   * @example
   * ```ts
   * table.dropPrimaryKey({ was: (old) => old.primary('id') })
   * ```
   */
  dropPrimaryKey(options: DropConstraintOptions & NameOption = {}): this {
    const name = options.name ?? generatedName([this.table.name], 'pkey')
    return this.#dropConstraint('dropPrimaryKey', name, options)
  }

  /**
   * Drops a unique constraint by its name. In `alterTable` only.
   *
   * @example
   * ```ts
   * table.dropUnique('users_email_key', { was: (old) => old.unique('email') })
   * ```
   */
  dropUnique(name: string, options: DropConstraintOptions = {}): this {
    return this.#dropConstraint('dropUnique', name, options)
  }

  /**
   * Drops a check constraint by its name. In `alterTable` only.
   *
   * @example
   * ```ts
   * table.dropCheck('positive', { was: (old) => old.check('positive', 'total > 0') })
   * ```
   */
  dropCheck(name: string, options: DropConstraintOptions = {}): this {
    return this.#dropConstraint('dropCheck', name, options)
  }

  /**
   * Drops a foreign key by its name. In `alterTable` only.
   *
   * @example
   * ```ts
   * table.dropForeignKey('posts_author_id_fkey', {
   *   was: (old) => old.foreign('author_id').references('users', 'id'),
   * })
   * ```
   */
  dropForeignKey(name: string, options: DropConstraintOptions = {}): this {
    return this.#dropConstraint('dropForeignKey', name, options)
  }

  /**
   * Drops an exclusion constraint by its name. In `alterTable` only.
   *
   * @example
   * ```ts
   * table.dropExclude('bookings_period_excl', {
   *   was: (old) => old.exclude([{ column: 'period', with: '&&' }]),
   * })
   * ```
   */
  dropExclude(name: string, options: DropConstraintOptions = {}): this {
    return this.#dropConstraint('dropExclude', name, options)
  }

  /**
   * Looks at the rows that were there when a constraint was added with `notValid`. It reads the table
   * without blocking writes. In `alterTable` only. There is nothing to undo.
   *
   * @example
   * ```ts
   * table.validateConstraint('total_is_positive')
   * ```
   */
  validateConstraint(name: string): this {
    checkIdentifier(name)
    return this.do((trace) =>
      this.recorder.change({ kind: 'validateConstraint', table: this.table, name }, trace),
    )
  }

  /**
   * Renames a constraint, and the index that carries it. In `alterTable` only.
   *
   * @example
   * ```ts
   * table.renameConstraint('users_email_key', 'one_account_per_email')
   * ```
   */
  renameConstraint(from: string, to: string): this {
    checkIdentifier(from)
    checkIdentifier(to)
    return this.do((trace) =>
      this.recorder.change({ kind: 'renameConstraint', table: this.table, from, to }, trace),
    )
  }

  /**
   * Renames an index of the table. In `alterTable` only.
   *
   * @example
   * ```ts
   * table.renameIndex('idx_users_email', 'users_by_email')
   * ```
   */
  renameIndex(from: string, to: string): this {
    checkIdentifier(from)
    checkIdentifier(to)
    return this.do((trace) =>
      this.recorder.change({ kind: 'renameIndex', table: this.table, from, to }, trace),
    )
  }

  /**
   * From now on roles see and write only rows that a policy of the table allows: none, until there
   * is a policy. The owner of the table is not held to it without `force`, superusers never are.
   *
   * @example
   * ```ts
   * builder.createTable('posts', (table) => {
   *   table.uuid('author_id')
   *   table.enableRls()
   *   table.policy('own_posts', { using: `author_id = current_setting('app.user')::uuid` })
   * })
   * ```
   */
  enableRls(options: { readonly force?: boolean } = {}): this {
    return this.do((trace) =>
      this.recorder.follow(
        { kind: 'enableRls', table: this.table, ...(options.force && { force: true }) },
        trace,
      ),
    )
  }

  /**
   * Ends what `enableRls` began; the policies stay. In `alterTable` only.
   *
   * @param options - `force`: takes that away too.
   * @example
   * ```ts
   * table.disableRls()
   * ```
   */
  disableRls(options: { readonly force?: boolean } = {}): this {
    return this.do((trace) =>
      this.recorder.change(
        { kind: 'disableRls', table: this.table, ...(options.force && { force: true }) },
        trace,
      ),
    )
  }

  /**
   * Creates a policy of row level security. It counts once `enableRls` was called on the table.
   *
   * @param name - Its name, once per table.
   * @example
   * ```ts
   * table.policy('published_posts', { for: 'select', to: 'PUBLIC', using: 'published' })
   * ```
   */
  policy(name: string, options: PolicyInput): this {
    checkIdentifier(name)
    const definition = policyDefinition(options)
    return this.do((trace) =>
      this.recorder.follow(
        { kind: 'policy', table: this.table, policy: name, ...definition },
        trace,
      ),
    )
  }

  /**
   * Drops a policy. While row level security is on, that can hide rows. In `alterTable` only.
   *
   * @param options - `was`: what it was, so that this can be undone.
   * @example
   * ```ts
   * table.dropPolicy('published_posts', { was: { for: 'select', using: 'published' } })
   * ```
   */
  dropPolicy(name: string, options: { readonly was?: PolicyInput } = {}): this {
    checkIdentifier(name)
    const was = options.was && policyDefinition(options.was)
    return this.do((trace) =>
      this.recorder.change(
        { kind: 'dropPolicy', table: this.table, policy: name, ...(was && { was }) },
        trace,
      ),
    )
  }

  #dropConstraint(kind: DropConstraintKind, name: string, options: DropConstraintOptions): this {
    return this.do((trace) => this.recorder.dropConstraint(kind, name, options, trace))
  }
}

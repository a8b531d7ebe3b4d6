import { BuilderError } from '../../errors.ts'
import { parseName } from '../names.ts'
import type { NameInput } from '../names.ts'
import { newName } from '../new-name.ts'
import { replacement } from '../replacement.ts'
import type { Sql } from '../sql-fragment.ts'
import { materializedViewDefinition, viewDefinition } from '../views.ts'
import type {
  CreateViewOptions,
  MaterializedViewInput,
  MaterializedViewOptions,
  RefreshOptions,
  ViewInput,
} from '../views.ts'
import { DatabaseCalls } from './database-calls.ts'

/** Views and materialized views. */
export abstract class ViewCalls extends DatabaseCalls {
  /**
   * Creates a view, or replaces one.
   *
   * @param query - One SELECT, VALUES or WITH … SELECT.
   * @example
   * ```ts
   * builder.createView('active_users', 'SELECT id, email FROM users WHERE active', {
   *   securityInvoker: true,
   * })
   * ```
   */
  createView(name: NameInput, query: string | Sql, options: CreateViewOptions = {}): this {
    return this.record({
      kind: 'createView',
      view: parseName(name),
      ...viewDefinition({ ...options, query }),
      ...replacement(options, viewDefinition),
    })
  }

  /**
   * Renames a view; it stays in its schema.
   *
   * @example
   * ```ts
   * builder.renameView('active_users', 'current_users')
   * ```
   */
  renameView(from: NameInput, to: NameInput): this {
    const view = parseName(from)
    return this.record({ kind: 'renameView', view, to: newName('view', view, to) })
  }

  /**
   * Drops a view.
   *
   * @param options - `was`: its query and options, so that this can be undone.
   * @example
   * ```ts
   * builder.dropView('current_users', {
   *   was: { query: 'SELECT id, email FROM users WHERE active', securityInvoker: true },
   * })
   * ```
   */
  dropView(name: NameInput, options: { readonly was?: ViewInput } = {}): this {
    return this.record({
      kind: 'dropView',
      view: parseName(name),
      ...(options.was && { was: viewDefinition(options.was) }),
    })
  }

  /**
   * Creates a materialized view: the rows of a query, kept until the next refresh.
   *
   * @param query - One SELECT, VALUES or WITH … SELECT.
   * @example
   * ```ts
   * builder.createMaterializedView('sales_by_day', 'SELECT day, sum(amount) FROM sales GROUP BY day', {
   *   columns: ['day', 'amount'],
   * })
   * ```
   */
  createMaterializedView(
    name: NameInput,
    query: string | Sql,
    options: MaterializedViewOptions = {},
  ): this {
    return this.record({
      kind: 'createMaterializedView',
      view: parseName(name),
      ...materializedViewDefinition({ ...options, query }),
    })
  }

  /**
   * Runs the query of a materialized view again. There is nothing to undo.
   *
   * @param options - `concurrently`: without blocking queries, with a unique index only.
   *   `withData: false`: empties it instead.
   * @example
   * ```ts
   * builder.refreshMaterializedView('sales_by_day', { concurrently: true })
   * ```
   */
  refreshMaterializedView(name: NameInput, options: RefreshOptions = {}): this {
    const { concurrently, withData } = options
    if (concurrently && withData === false) {
      throw new BuilderError('BAD_DEFINITION', {
        what: 'a materialized view cannot be emptied concurrently',
        fix: 'leave out { concurrently }, or { withData }',
      })
    }
    return this.record({
      kind: 'refreshMaterializedView',
      view: parseName(name),
      ...(concurrently && { concurrently }),
      ...(withData === false && { withData }),
    })
  }

  /**
   * Renames a materialized view; it stays in its schema.
   *
   * @example
   * ```ts
   * builder.renameMaterializedView('sales_by_day', 'daily_sales')
   * ```
   */
  renameMaterializedView(from: NameInput, to: NameInput): this {
    const view = parseName(from)
    return this.record({
      kind: 'renameMaterializedView',
      view,
      to: newName('materialized view', view, to),
    })
  }

  /**
   * Drops a materialized view with its indexes.
   *
   * @param options - `was`: its query and options, so that this can be undone.
   * @example
   * ```ts
   * builder.dropMaterializedView('daily_sales')
   * ```
   */
  dropMaterializedView(
    name: NameInput,
    options: { readonly was?: MaterializedViewInput } = {},
  ): this {
    return this.record({
      kind: 'dropMaterializedView',
      view: parseName(name),
      ...(options.was && { was: materializedViewDefinition(options.was) }),
    })
  }
}

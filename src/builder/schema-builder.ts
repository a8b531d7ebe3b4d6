import type { DatabaseTarget } from '../database/open.ts'
import { BuilderError } from '../errors.ts'
import type { ForeignKeyAction, QualifiedName } from '../operations/definitions.ts'
import { generatedName } from '../operations/generated-name.ts'
import { invertAll } from '../operations/invert.ts'
import { SchemaMemory } from '../operations/memory/schema-memory.ts'
import type { Operation } from '../operations/operation.ts'
import { compile } from '../sql/compile.ts'
import { AlterTableRecorder } from './alter-table-recorder.ts'
import { assertFitsTransaction } from './assert-fits-transaction.ts'
import { junctionSides, referencedTable } from './associations.ts'
import type { TableReference } from './associations.ts'
import { SecurityCalls } from './calls/security-calls.ts'
import { CreateTableRecorder } from './create-table-recorder.ts'
import type { DefinedTable } from './define-table.ts'
import { describeTable } from './described-table.ts'
import { enqueueInOrder } from './later-tables.ts'
import { lookUp } from './look-up.ts'
import type { LookUp } from './look-up.ts'
import { parseName } from './names.ts'
import type { NameInput } from './names.ts'
import { rawStatement } from './parse.ts'
import {
  assertOpen,
  captureTrace,
  enqueue,
  givenLookUp,
  openQueue,
  queuedOperations,
  record,
  sealBuilder,
  takeRecorded,
} from './recorded.ts'
import { runInTransaction } from './run-recorded.ts'
import type { Sql } from './sql-fragment.ts'
import { assertSync, lateCall } from './sync-callback.ts'
import { TableBuilder } from './table-builder.ts'
import type { DropOptions } from './table-builder.ts'
import type { TableRecorder } from './table-recorder.ts'
import { isTableValue } from './table-value.ts'
import { withSession } from './with-session.ts'

/**
 * Gathers schema changes as plain data and runs them in one transaction: all of them, or none.
 *
 * @example
 * ```ts
 * const builder = new SchemaBuilder(process.env.DATABASE_URL)
 *
 * builder.createTable('users', (table) => {
 *   table.id()
 *   table.string('email').unique()
 *   table.timestamps()
 * })
 *
 * await builder.run()
 * ```
 */
export class SchemaBuilder extends SecurityCalls {
  readonly #target: DatabaseTarget | undefined

  /**
   * @param target - Where `run()` sends the changes: a connection URL, a `pg` Pool or Client, a PGlite
   *   instance, or what `openDatabase` returned. Only a URL's connection is closed after a run.
   *   Without a target the builder can still say its SQL.
   */
  constructor(target?: DatabaseTarget) {
    super()
    this.#target = target
    openQueue(this)
  }

  /**
   * The changes so far, in call order.
   *
   * @example
   * ```ts
   * builder.dropTable('users')
   * builder.operations // [{ kind: 'dropTable', table: { name: 'users' } }]
   * ```
   */
  get operations(): readonly Operation[] {
    return queuedOperations(this).map(({ operation }) => operation)
  }

  /**
   * Creates a table. A foreign key may point to a table that this builder creates later: it is added
   * when that table is there.
   *
   * @param name - `'users'`, `'tenant.users'`, `{ schema, name }`, or a value of `defineTable`, which
   *   describes itself.
   * @param define - Describes the table. Runs at once and must not be async.
   * @throws {BuilderError} at the line of the call that makes no sense; nothing is recorded then.
   * @example
   * ```ts
   * builder.createTable('users', (table) => {
   *   table.id()
   *   table.string('email').unique()
   * })
   * ```
   */
  createTable(table: DefinedTable): this
  createTable(name: NameInput, define: (table: TableBuilder) => void): this
  createTable(
    name: NameInput | DefinedTable,
    define: ((table: TableBuilder) => void) | undefined = isDefined(name) ? name.define : undefined,
  ): this {
    const table = referencedTable(name)
    if (!define) {
      throw new BuilderError('BAD_DEFINITION', {
        what: `createTable("${table.name}") has no description`,
        fix: `describe it: createTable('${table.name}', (table) => { table.id() })`,
      })
    }
    return this.#table('createTable', table, new CreateTableRecorder(table, captureTrace()), define)
  }

  /**
   * Changes a table, in the order of the calls.
   *
   * @param name - `'users'`, `'tenant.users'`, or `{ schema, name }`.
   * @param change - Makes the changes. Runs at once and must not be async.
   * @throws {BuilderError} at the line of the call that makes no sense; nothing is recorded then.
   * @example
   * ```ts
   * builder.alterTable('users', (table) => {
   *   table.boolean('is_admin').defaultTo(false)
   *   table.renameColumn('name', 'full_name')
   * })
   * ```
   */
  override alterTable(name: NameInput, change: (table: TableBuilder) => void): this {
    return this.#table('alterTable', name, new AlterTableRecorder(parseName(name)), change)
  }

  /**
   * Connects rows of two tables, many to many: a table that holds their pairs, `<a>_<b>` by the
   * alphabet, with both keys as its primary key and an index on each.
   *
   * @param options - `name` of the table; `onDelete` of both foreign keys, default `CASCADE`;
   *   `columns`, the names of the two, `first`'s first; default `<singular>_id`.
   * @example
   * ```ts
   * builder.manyToMany('users', 'roles') // roles_users(role_id, user_id)
   * ```
   */
  manyToMany(
    first: TableReference,
    second: TableReference,
    options: {
      readonly name?: NameInput
      readonly columns?: readonly [string, string]
      readonly onDelete?: ForeignKeyAction
    } = {},
  ): this {
    const { onDelete = 'CASCADE', columns } = options
    const sides = junctionSides(first, second, columns)
    const name: NameInput = options.name ?? {
      ...sides[0]?.table,
      name: generatedName(sides.map(({ table }) => table.name)),
    }
    return this.createTable(name, (table) => {
      for (const { reference, key } of sides) {
        table.belongsTo(reference, { name: key, onDelete })
      }
      table.primary(sides.map(({ key }) => key))
    })
  }

  /**
   * Renames a table; it stays in its schema.
   *
   * @param from - The table.
   * @param to - Its new name, without schema or with the same one.
   * @example
   * ```ts
   * builder.renameTable('users', 'accounts')
   * ```
   */
  renameTable(from: NameInput, to: NameInput): this {
    const table = parseName(from)
    const target = parseName(to)
    if (target.schema !== undefined && target.schema !== table.schema) {
      throw new BuilderError('BAD_DEFINITION', {
        what: `renameTable cannot move table "${table.name}" to schema "${target.schema}"`,
        why: 'PostgreSQL renames a table within its schema',
        fix: `move it first: builder.setSchema('${table.schema ?? 'public'}.${table.name}', '${target.schema}')`,
      })
    }
    return this.record({ kind: 'renameTable', table, to: target.name })
  }

  /**
   * Drops a table and all its rows. A value of `defineTable` knows what it was, and the enum types of
   * its columns go with it.
   *
   * @param options - `cascade`: also drops what depends on it. `was`: describes the table as
   *   `createTable` does, so that the drop can be undone.
   * @example
   * ```ts
   * builder.dropTable('users', {
   *   was: (table) => {
   *     table.id()
   *     table.string('email').unique()
   *   },
   * })
   * ```
   */
  dropTable(
    name: NameInput | DefinedTable,
    options: DropOptions & { readonly was?: (table: TableBuilder) => void } = {},
  ): this {
    const table = referencedTable(name)
    const described = isDefined(name) ? name : options.was && describeTable(table, options.was)
    this.record({
      kind: 'dropTable',
      table,
      ...(options.cascade && { cascade: true }),
      ...(described && { was: { ...described.definition, followedBy: described.followedBy } }),
    })
    if (isDefined(name)) invertAll(name.before).forEach((operation) => this.record(operation))
    return this
  }

  /**
   * SQL of your own, sent exactly as written: nothing in it is taken for a placeholder.
   *
   * @param up - One statement, or several with semicolons between them.
   * @param down - What undoes it, so that a migration with it can be reversed.
   * @example
   * ```ts
   * builder.raw('ALTER TABLE users CLUSTER ON users_pkey', 'ALTER TABLE users SET WITHOUT CLUSTER')
   * ```
   */
  raw(up: string | Sql, down?: string | Sql): this {
    const raw = rawStatement(up, down)
    // As in the original: nothing to say is nothing to run.
    if (raw.sql.trim() === '') return this
    return this.record(raw)
  }

  /**
   * Changes with an undo of their own, for what cannot be derived.
   *
   * @param directions - `up` records the changes, `down` what undoes them.
   * @example
   * ```ts
   * builder.reversible({
   *   up: (builder) => builder.raw('CREATE EXTENSION citext'),
   *   down: (builder) => builder.raw('DROP EXTENSION citext'),
   * })
   * ```
   */
  reversible(directions: {
    readonly up: (builder: SchemaBuilder) => void
    readonly down: (builder: SchemaBuilder) => void
  }): this {
    assertOpen(this)
    const [changes, undo] = [directions.up, directions.down].map((record) => {
      const builder = new SchemaBuilder()
      try {
        assertSync('reversible', record(builder))
        return takeRecorded(builder)
      } finally {
        sealBuilder(builder, 'reversible')
      }
    })
    const undone = (undo ?? []).map(({ operation }) => operation)
    const [first, ...rest] = changes ?? []
    // All of the undo belongs to the first change: undone last, it is undone at once.
    this.record({
      kind: 'reversible',
      operation: first?.operation ?? { kind: 'raw', sql: 'SELECT' },
      undo: undone,
    })
    for (const { operation } of rest) this.record({ kind: 'reversible', operation, undo: [] })
    return this
  }

  /**
   * Whether there is a table (or view) of this name. In a migration it is asked after the changes so
   * far, elsewhere the database is asked as it is.
   *
   * @throws {ConfigError} `NO_DATABASE` when the builder has none.
   * @example
   * ```ts
   * if (await builder.hasTable('users')) builder.dropTable('users')
   * ```
   */
  async hasTable(name: NameInput): Promise<boolean> {
    const table = parseName(name)
    return this.#ask((database) => database.hasTable(table))
  }

  /**
   * Whether there is a table (or view) of this name with such a column. In a migration it is asked
   * after the changes so far, elsewhere the database is asked as it is.
   *
   * @throws {ConfigError} `NO_DATABASE` when the builder has none.
   * @example
   * ```ts
   * if (!(await builder.hasColumn('users', 'nickname'))) {
   *   builder.addColumn('users', (table) => table.text('nickname').nullable())
   * }
   * ```
   */
  async hasColumn(name: NameInput, column: string): Promise<boolean> {
    const table = parseName(name)
    return this.#ask((database) => database.hasColumn(table, column))
  }

  /**
   * The SQL of the changes so far, one statement for each; nothing is sent.
   *
   * @example
   * ```ts
   * builder.dropTable('users').toSQL() // ['DROP TABLE "users"']
   * ```
   */
  toSQL(): string[] {
    return this.operations.map(compile)
  }

  /**
   * Runs the changes in one transaction and empties the builder. With nothing to run it does nothing.
   *
   * @throws {BuilderError} `NEEDS_NO_TRANSACTION` for a change that PostgreSQL cannot make in one,
   *   before anything is sent; the changes stay in the builder.
   * @throws {StatementError} when PostgreSQL rejects a statement: nothing was changed, and the builder
   *   is empty. Its `cause` is the driver's error.
   * @throws {ConfigError} when there is no database to send them to; the changes stay in the builder.
   * @example
   * ```ts
   * await builder.run()
   * ```
   */
  async run(): Promise<void> {
    assertOpen(this)
    if (queuedOperations(this).length === 0) return
    assertFitsTransaction(queuedOperations(this))
    // Taken when there is a session: without a server the changes stay for the next try.
    await withSession(this.#target, (session) => runInTransaction(session, takeRecorded(this)))
  }

  async #ask<T>(question: (database: LookUp) => Promise<T>): Promise<T> {
    assertOpen(this)
    const given = givenLookUp(this)
    if (given) return question(given)
    return withSession(this.#target, (session) => question(lookUp(session.query.bind(session))))
  }

  #table(
    method: string,
    name: NameInput,
    recorder: TableRecorder,
    callback: (table: TableBuilder) => void,
  ): this {
    assertOpen(this)
    let isOpen = true
    const builder = new TableBuilder(parseName(name), recorder, {
      assertOpen: () => {
        if (!isOpen) throw lateCall(method)
      },
      typeOf: (table, column) => this.#typeOf(table, column),
    })
    try {
      assertSync(method, callback(builder))
    } finally {
      isOpen = false
    }
    enqueueInOrder(this, recorder.finish())
    return this
  }

  #typeOf(table: QualifiedName, column: string): string | undefined {
    const memory = new SchemaMemory()
    for (const operation of this.operations) memory.complete(operation)
    const type = memory.table(table)?.column(column)?.type
    return type === '' ? undefined : type
  }

  protected override record(operation: Operation): this {
    enqueue(this, [record(operation, captureTrace())])
    return this
  }
}

function isDefined(name: NameInput | DefinedTable): name is DefinedTable {
  return isTableValue(name)
}

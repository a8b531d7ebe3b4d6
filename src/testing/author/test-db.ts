import { parseName } from '../../builder/names.ts'
import { captureTrace } from '../../builder/recorded.ts'
import { isSql, rawSql, type Sql } from '../../builder/sql-fragment.ts'
import type { Executor } from '../../database/database.ts'
import { TestDatabaseError } from '../../errors.ts'
import { MigrationDb } from '../../migration/migration-db.ts'
import { qualifiedName } from '../../sql/identifier.ts'
import type { Tables } from '../../tables.ts'
import { noteStatement } from './failed-statements.ts'
import { actAs, type Identity, mergeIdentities } from './identity.ts'
import { ROW_ORDER } from './row-order.ts'
import type { TableIn, TableRow, TableWhere } from './table-types.ts'
import { TestConnections } from './test-connections.ts'

/**
 * A test's own hand in its database: to put rows there and to look what is there.
 *
 * It connects with the first call. Types follow `Tables`, where tables are declared; {@link TestDb.typed} takes
 * others. Values are those that `openDatabase` lists.
 */
export class TestDb<Schema extends object = Tables> {
  readonly #connections: TestConnections
  readonly #identity: Identity | undefined
  /** The transaction that everything runs in. */
  readonly #transaction: Executor | undefined
  readonly #rows: MigrationDb

  /**
   * @param source - The URL, asked at the first call, and after `close()` at the next one; or what another one
   *   sends its statements by.
   */
  constructor(
    source: (() => string) | TestConnections,
    identity?: Identity,
    transaction?: Executor,
  ) {
    this.#connections = typeof source === 'function' ? new TestConnections(source) : source
    this.#identity = identity
    this.#transaction = transaction
    this.#rows = new MigrationDb(async (sql, params) => {
      const trace = captureTrace()
      try {
        return await this.#run((executor) => executor.query(sql, params))
      } catch (error) {
        throw noteStatement(error, sql, trace)
      }
    })
  }

  /**
   * Runs a statement and returns its rows. Values in `${…}` become parameters, `sql` fragments are put in
   * as they are.
   *
   * @example
   * ```ts
   * const [{ count }] = await db.sql`SELECT count(*)::int AS count FROM users WHERE id > ${5}`
   * ```
   */
  sql<Result = Record<string, unknown>>(
    strings: TemplateStringsArray,
    ...values: readonly unknown[]
  ): Promise<Result[]> {
    const params: unknown[] = []
    const text = strings.map((part, index) => {
      if (index === 0) return part
      const value = values[index - 1]
      return `${isSql(value) ? value.sql : `$${params.push(value)}`}${part}`
    })
    return this.query<Result>(text.join(''), params)
  }

  /** Runs a statement with `$1`, `$2`, … for its parameters, and returns its rows. */
  query<Result = Record<string, unknown>>(
    sql: string,
    params: readonly unknown[] = [],
  ): Promise<Result[]> {
    return this.#rows.query<Result>(sql, params)
  }

  /** Runs SQL exactly as written: one statement, or several with semicolons between them. */
  raw(sql: string | Sql): Promise<void> {
    return this.#rows.raw(sql)
  }

  /** Inserts a row and returns it as it is in the table, with defaults and identities. */
  insert<Table extends TableIn<Schema>>(
    table: Table,
    row: Partial<TableRow<Table, Schema>> = {},
  ): Promise<TableRow<Table, Schema>> {
    return this.#rows.insert<TableRow<Table, Schema>>(table, row)
  }

  /** Inserts rows and returns them. A column that a row leaves out gets its default. */
  insertMany<Table extends TableIn<Schema>>(
    table: Table,
    rows: readonly Partial<TableRow<Table, Schema>>[],
  ): Promise<TableRow<Table, Schema>[]> {
    return this.#rows.insertMany<TableRow<Table, Schema>>(table, rows)
  }

  /** Changes rows and returns how many. */
  update<Table extends TableIn<Schema>>(
    table: Table,
    set: Partial<TableRow<Table, Schema>>,
    where: TableWhere<Table, Schema>,
  ): Promise<number> {
    return this.#rows.update(table, set, where)
  }

  /** Deletes rows and returns how many. */
  delete<Table extends TableIn<Schema>>(
    table: Table,
    where: TableWhere<Table, Schema>,
  ): Promise<number> {
    return this.#rows.delete(table, where)
  }

  /** Whether there is such a row. */
  exists<Table extends TableIn<Schema>>(
    table: Table,
    where: TableWhere<Table, Schema>,
  ): Promise<boolean> {
    return this.#rows.exists(table, where)
  }

  /** The first row that matches; undefined when there is none. */
  findOne<Table extends TableIn<Schema>>(
    table: Table,
    where: TableWhere<Table, Schema>,
  ): Promise<TableRow<Table, Schema> | undefined> {
    return this.#rows.findOne<TableRow<Table, Schema>>(table, where)
  }

  /**
   * The one row that matches.
   *
   * @throws {TestDatabaseError} `NOT_ONE_ROW` when there is none, or more than one.
   * @example
   * ```ts
   * const ada = await db.one('users', { email: 'ada@example.test' })
   * ```
   */
  async one<Table extends TableIn<Schema>>(
    table: Table,
    where: TableWhere<Table, Schema>,
  ): Promise<TableRow<Table, Schema>> {
    const rows = await this.rows(table, where)
    const [row] = rows
    if (row !== undefined && rows.length === 1) return row
    throw new TestDatabaseError('NOT_ONE_ROW', {
      what: `${rows.length === 0 ? 'no row' : `${rows.length} rows`} of "${table}" where one is expected`,
      why: `of those with ${isSql(where) ? where.sql : JSON.stringify(where)}`,
      fix: 'use findOne() where there may be none, rows() where there may be more',
      details: { table, rows: rows.length },
    })
  }

  /**
   * The rows that match, or all; in the order of the primary key. Where there is none, or one of UUIDs, in the
   * order of what the other columns hold, so that it is the same in every run.
   */
  async rows<Table extends TableIn<Schema>>(
    table: Table,
    where?: TableWhere<Table, Schema>,
  ): Promise<TableRow<Table, Schema>[]> {
    const order = await this.query<{ key: string }>(ROW_ORDER, [qualifiedName(parseName(table))])
    const orderBy = order.map(({ key }) => rawSql(key))
    return await this.#rows.find<TableRow<Table, Schema>>(table, where, { orderBy })
  }

  /** How many rows match; without `where`, how many there are. */
  count<Table extends TableIn<Schema>>(
    table: Table,
    where?: TableWhere<Table, Schema>,
  ): Promise<number> {
    return this.#rows.count(table, where)
  }

  /** Whether there is a table (or view) of this name. */
  hasTable(name: string): Promise<boolean> {
    return this.#rows.hasTable(name)
  }

  /** Whether there is a table (or view) of this name with such a column. */
  hasColumn(name: string, column: string): Promise<boolean> {
    return this.#rows.hasColumn(name, column)
  }

  /**
   * Runs work in one transaction, which is rolled back when it throws. `db` inside is the one that is passed.
   *
   * @example
   * ```ts
   * await db.transaction(async (tx) => {
   *   await tx.raw('SET CONSTRAINTS ALL DEFERRED')
   *   await tx.insert('nodes', { id: 1, parent_id: 2 })
   *   await tx.insert('nodes', { id: 2, parent_id: 1 })
   * })
   * ```
   */
  async transaction<T>(work: (tx: TestDb<Schema>) => Promise<T>): Promise<T> {
    const within = (transaction: Executor): Promise<T> =>
      work(new TestDb<Schema>(this.#connections, undefined, transaction))
    if (!this.#transaction) return await this.#connections.transaction(this.#identity, within)
    throw new TestDatabaseError('TEST_TRANSACTION_OPEN', {
      what: 'a transaction cannot begin inside of another',
      fix: 'write with the db that was passed, or use SAVEPOINT with its raw()',
    })
  }

  /**
   * Reads a file into the database, all of it or nothing: `.sql` runs; `.json` holds `{ "table": [rows] }`, or
   * the rows of `table`; `.csv` holds rows of `table` below a line of column names, where an empty field is NULL
   * and `""` an empty text. Where rows have ids, sequences go on after the highest.
   *
   * @param file - A path, relative to the working directory, or a URL: `new URL('./users.csv', import.meta.url)`.
   * @param table - Where rows of a `.csv` or a list go; unless given, the file's name without extension says it.
   * @throws {StatementError} `STATEMENT_FAILED` with the line of a `.sql` file.
   * @throws {TestDatabaseError} `SEED_FAILED` when the file cannot be read, or holds something else.
   */
  async load(file: string | URL, table?: TableIn<Schema>): Promise<void> {
    // Rows of a file are whatever it holds.
    const { loadFile } = await import('./load-file.ts')
    const work = (db: TestDb<object>): Promise<void> => loadFile(db, file, table)
    await (this.#transaction ? work(this.typed<object>()) : this.typed<object>().transaction(work))
  }

  /**
   * The same database seen by somebody else: each statement runs in a transaction of its own, as this role
   * and with these claims, under row level security. What is left out is as in the `db` it is asked of.
   *
   * @throws {TestDatabaseError} `IDENTITY_REFUSED` from its calls, when there is no such role.
   * @example
   * ```ts
   * const ada = db.as({ role: 'authenticated', claims: { sub: '1' } })
   * expect(await ada.rows('posts')).toHaveLength(1)
   * ```
   */
  as(identity: Identity): TestDb<Schema> {
    const merged = mergeIdentities(this.#identity, identity)
    return new TestDb<Schema>(this.#connections, merged, this.#transaction)
  }

  /**
   * The same with other types: where `Tables` is not declared, or is of another database.
   *
   * @example
   * ```ts
   * const billing = db.typed<{ invoices: { id: string; total: string } }>()
   * ```
   */
  typed<Other extends object>(): TestDb<Other> {
    return this as unknown as TestDb<Other>
  }

  /** Ends the connections, also of those that `as()` gave. The next call opens others. */
  async close(): Promise<void> {
    await this.#connections.close()
  }

  async #run<T>(work: (executor: Executor) => Promise<T>): Promise<T> {
    const [transaction, identity] = [this.#transaction, this.#identity]
    if (!transaction) return await this.#connections.run(identity, work)
    if (!identity) return await work(transaction)
    return await actAs(transaction, identity, () => work(transaction))
  }
}

import { parseName } from '../../builder/names.ts'
import { isSql, type Sql } from '../../builder/sql-fragment.ts'
import type { Database, Executor } from '../../database/database.ts'
import { openDatabase } from '../../database/open.ts'
import { MigrationDb } from '../../migration/migration-db.ts'
import { qualifiedName } from '../../sql/identifier.ts'
import type { TableName, Tables } from '../../tables.ts'

/** A row of a declared table; of any other, whatever it holds. */
export type TableRow<Table extends string> = Table extends keyof Tables
  ? Tables[Table]
  : Record<string, unknown>

/** Which rows: by the values of columns, or by an expression made with `sql`. */
export type TableWhere<Table extends string> =
  | Sql
  | {
      readonly [Column in keyof TableRow<Table>]?:
        | TableRow<Table>[Column]
        | null
        | readonly unknown[]
    }

/** Who runs statements: see {@link TestDb.as}. */
export interface Identity {
  /** The role, which row level security and privileges look at. */
  readonly role?: string
  /** What `current_setting('request.jwt.claims')` returns as JSON, as PostgREST and Supabase set it. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** Other settings, such as `{ 'app.tenant': '7' }`. */
  readonly settings?: Readonly<Record<string, string>>
}

// The key's columns, in order; none for a table without one.
const KEY = `
SELECT a.attname AS name
FROM pg_index i
CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k (number, position)
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
WHERE i.indrelid = to_regclass($1) AND i.indisprimary
ORDER BY k.position`

/**
 * A test's own hand in its database: to put rows there and to look what is there.
 *
 * It connects with the first call. Types follow `Tables`, where tables are declared. Values are those that
 * `openDatabase` lists.
 */
export class TestDb {
  readonly #url: () => string
  readonly #identity: Identity | undefined
  readonly #rows: MigrationDb
  #database: Promise<Database> | undefined

  /** @param url - Asked at the first call, and after `close()` at the next one. */
  constructor(url: () => string, identity?: Identity) {
    this.#url = url
    this.#identity = identity
    this.#rows = new MigrationDb((sql, params) =>
      this.#run((executor) => executor.query(sql, params)),
    )
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
  insert<Table extends TableName>(
    table: Table,
    row: Partial<TableRow<Table>> = {},
  ): Promise<TableRow<Table>> {
    return this.#rows.insert<TableRow<Table>>(table, row)
  }

  /** Inserts rows and returns them. A column that a row leaves out gets its default. */
  insertMany<Table extends TableName>(
    table: Table,
    rows: readonly Partial<TableRow<Table>>[],
  ): Promise<TableRow<Table>[]> {
    return this.#rows.insertMany<TableRow<Table>>(table, rows)
  }

  /** Changes rows and returns how many. */
  update<Table extends TableName>(
    table: Table,
    set: Partial<TableRow<Table>>,
    where: TableWhere<Table>,
  ): Promise<number> {
    return this.#rows.update(table, set, where)
  }

  /** Deletes rows and returns how many. */
  delete<Table extends TableName>(table: Table, where: TableWhere<Table>): Promise<number> {
    return this.#rows.delete(table, where)
  }

  /** Whether there is such a row. */
  exists<Table extends TableName>(table: Table, where: TableWhere<Table>): Promise<boolean> {
    return this.#rows.exists(table, where)
  }

  /** The first row that matches; undefined when there is none. */
  findOne<Table extends TableName>(
    table: Table,
    where: TableWhere<Table>,
  ): Promise<TableRow<Table> | undefined> {
    return this.#rows.findOne<TableRow<Table>>(table, where)
  }

  /** The rows that match, or all; in the order of the primary key, where there is one. */
  async rows<Table extends TableName>(
    table: Table,
    where?: TableWhere<Table>,
  ): Promise<TableRow<Table>[]> {
    const key = await this.query<{ name: string }>(KEY, [qualifiedName(parseName(table))])
    const orderBy = key.map(({ name }) => name)
    return await this.#rows.find<TableRow<Table>>(table, where, { orderBy })
  }

  /** How many rows match; without `where`, how many there are. */
  count<Table extends TableName>(table: Table, where?: TableWhere<Table>): Promise<number> {
    return this.#rows.count(table, where)
  }

  /** Whether there is a table (or view) of this name. */
  hasTable(name: string): Promise<boolean> {
    return this.#rows.hasTable(name)
  }

  /**
   * The same database seen by somebody else: each statement runs in a transaction of its own, as this role
   * and with these claims, under row level security.
   *
   * @example
   * ```ts
   * const ada = db.as({ role: 'authenticated', claims: { sub: '1' } })
   * expect(await ada.rows('posts')).toHaveLength(1)
   * ```
   */
  as(identity: Identity): TestDb {
    return new TestDb(this.#url, identity)
  }

  /** Ends the connection. The next call opens another one. */
  async close(): Promise<void> {
    const database = this.#database
    this.#database = undefined
    await (await database)?.close()
  }

  async #run<T>(work: (executor: Executor) => Promise<T>): Promise<T> {
    this.#database ??= openDatabase(this.#url(), { applicationName: 'faasjs-pg test' })
    const database = await this.#database
    const identity = this.#identity
    if (!identity) return await work(database)
    return await database.transaction(async (transaction) => {
      for (const [name, value] of settingsOf(identity)) {
        await transaction.query('SELECT set_config($1, $2, true)', [name, value])
      }
      return await work(transaction)
    })
  }
}

/** The role comes last: it may not be allowed to set the others. */
function settingsOf({ role, claims, settings = {} }: Identity): [string, string][] {
  const all = Object.entries(settings)
  if (claims) all.push(['request.jwt.claims', JSON.stringify(claims)])
  if (role !== undefined) all.push(['role', role])
  return all
}

import { lookUp } from '../builder/look-up.ts'
import type { LookUp } from '../builder/look-up.ts'
import { parseName } from '../builder/names.ts'
import type { NameInput } from '../builder/names.ts'
import { isSql } from '../builder/sql-fragment.ts'
import type { Sql } from '../builder/sql-fragment.ts'
import type { Executor, QueryResult } from '../database/database.ts'
import { BuilderError } from '../errors.ts'
import { identifier, qualifiedName } from '../sql/identifier.ts'
import { asResult } from './row-results.ts'

/** A row, by the names of its columns. */
export type Row = Readonly<Record<string, unknown>>

/**
 * Which rows: by the values of columns, where `null` is IS NULL and a list is any of its values, or
 * by an expression made with `sql`.
 */
export type Where = Row | Sql

/** Beside the columns of a row, which may be none. */
const ANY_ROW = 'faasjs_pg_row'

/** Sends one parameterised statement; the seam to the transaction of the migration. */
export type Send = Executor['query']

/** Rows, for migrations: everything runs in the transaction of the migration. */
export class MigrationDb {
  readonly #sendNow: Send
  #sealedBy: string | undefined

  /** Made by the runner. */
  constructor(send: Send) {
    this.#sendNow = send
  }

  /** From now on every call is refused; for the runner, when the migration has settled. */
  static seal(db: MigrationDb, owner: string): void {
    db.#sealedBy = owner
  }

  #send<Result = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
  ): Promise<QueryResult<Result>> {
    if (this.#sealedBy === undefined) return this.#sendNow<Result>(sql, params)
    return Promise.reject(
      new BuilderError('ASYNC_BUILDER', {
        what: `the db of ${this.#sealedBy} was used after it had settled`,
        why: 'a promise was not awaited, so this call comes too late to be part of it',
        fix: 'make the function async and await everything that uses db',
      }),
    )
  }

  /**
   * Sends a statement and returns its rows.
   *
   * @param sql - With `$1`, `$2`, … for the parameters.
   * @example
   * ```ts
   * const admins = await db.query('SELECT id FROM users WHERE role = $1', ['admin'])
   * ```
   */
  async query<Result = Record<string, unknown>>(
    sql: string,
    params: readonly unknown[] = [],
  ): Promise<Result[]> {
    return asResult((await this.#send<Result>(sql, params.length > 0 ? params : undefined)).rows)
  }

  /**
   * Sends SQL exactly as written: one statement, or several with semicolons between them.
   *
   * @example
   * ```ts
   * await db.raw('UPDATE users SET email = lower(email); ANALYZE users')
   * ```
   */
  async raw(sql: string | Sql): Promise<void> {
    await this.#send(isSql(sql) ? sql.sql : sql)
  }

  /**
   * Inserts a row.
   *
   * @returns The row as it is in the table, with defaults and identities.
   * @example
   * ```ts
   * const admin = await db.insert<{ id: string }>('roles', { name: 'admin' })
   * ```
   */
  async insert<Result = Record<string, unknown>>(table: NameInput, row: Row): Promise<Result> {
    const [inserted] = await this.insertMany<Result>(table, [row])
    if (inserted !== undefined) return asResult(inserted)
    throw new BuilderError('BAD_VALUE', {
      what: `insert into "${parseName(table).name}" gave no row`,
      why: 'a trigger or rule has taken it away',
      fix: 'write it with db.query',
    })
  }

  /**
   * Inserts rows. A column that a row leaves out gets its default.
   *
   * @returns The rows as they are in the table.
   * @example
   * ```ts
   * await db.insertMany('roles', [{ name: 'admin' }, { name: 'member' }])
   * ```
   */
  async insertMany<Result = Record<string, unknown>>(
    table: NameInput,
    rows: readonly Row[],
  ): Promise<Result[]> {
    const inserted: Result[] = asResult([])
    // A statement can have 65,535 parameters.
    const width = Math.max(1, ...rows.map((row) => Object.keys(row).length))
    const size = Math.max(1, Math.floor(60_000 / width))
    for (let start = 0; start < rows.length; start += size) {
      inserted.push(...(await this.#insertChunk<Result>(table, rows.slice(start, start + size))))
    }
    return inserted
  }

  /**
   * Changes rows.
   *
   * @returns How many.
   * @throws {BuilderError} `BAD_VALUE` for an empty `where`: all rows are `` sql`true` ``.
   * @example
   * ```ts
   * await db.update('users', { role: 'member' }, { role: null })
   * ```
   */
  async update(table: NameInput, set: Row, where: Where): Promise<number> {
    const params: unknown[] = []
    const asJson = await this.#jsonColumns(table, [set])
    // As in insert, undefined is not there.
    const changes = Object.entries(set)
      .filter(([, value]) => value !== undefined)
      .map(
        ([column, value]) =>
          `${identifier(column)} = $${params.push(stored(column, value, asJson))}`,
      )
    if (changes.length === 0) return 0
    const condition = whereClause(where, params)
    const sql = `UPDATE ${nameOf(table)} SET ${changes.join(', ')} WHERE ${condition}`
    return (await this.#send(sql, params)).rowCount
  }

  /**
   * Deletes rows.
   *
   * @returns How many.
   * @throws {BuilderError} `BAD_VALUE` for an empty `where`: all rows are `` sql`true` ``.
   * @example
   * ```ts
   * await db.delete('sessions', sql`expires_at < now()`)
   * ```
   */
  async delete(table: NameInput, where: Where): Promise<number> {
    const params: unknown[] = []
    const condition = whereClause(where, params)
    return (await this.#send(`DELETE FROM ${nameOf(table)} WHERE ${condition}`, params)).rowCount
  }

  /**
   * Whether there is such a row.
   *
   * @example
   * ```ts
   * if (await db.exists('roles', { name: 'admin' })) return
   * ```
   */
  async exists(table: NameInput, where: Where): Promise<boolean> {
    const params: unknown[] = []
    const condition = whereClause(where, params)
    const sql = `SELECT EXISTS (SELECT FROM ${nameOf(table)} WHERE ${condition}) AS found`
    return (await this.query<{ found: boolean }>(sql, params))[0]?.found === true
  }

  /**
   * The rows that match; without `where`, all of them.
   *
   * @param orderBy - Columns or expressions, the first one decides first. Without it the order is anybody's guess.
   * @example
   * ```ts
   * const admins = await db.find('users', { role: ['admin', 'owner'] }, { orderBy: ['email'] })
   * ```
   */
  async find<Result = Record<string, unknown>>(
    table: NameInput,
    where?: Where,
    { orderBy = [] }: { readonly orderBy?: readonly (string | Sql)[] } = {},
  ): Promise<Result[]> {
    const params: unknown[] = []
    const condition = where === undefined ? '' : ` WHERE ${whereClause(where, params)}`
    const keys = orderBy.map((key) => (isSql(key) ? key.sql : identifier(key)))
    const order = keys.length > 0 ? ` ORDER BY ${keys.join(', ')}` : ''
    return this.query<Result>(`SELECT * FROM ${nameOf(table)}${condition}${order}`, params)
  }

  /**
   * How many rows match; without `where`, how many there are.
   *
   * @example
   * ```ts
   * const orphans = await db.count('posts', { author_id: null })
   * ```
   */
  async count(table: NameInput, where?: Where): Promise<number> {
    const params: unknown[] = []
    const condition = where === undefined ? '' : ` WHERE ${whereClause(where, params)}`
    const sql = `SELECT count(*) AS count FROM ${nameOf(table)}${condition}`
    return Number((await this.query<{ count: string }>(sql, params))[0]?.count)
  }

  /**
   * The first row that matches; undefined when there is none.
   *
   * @example
   * ```ts
   * const admin = await db.findOne<{ id: string }>('roles', { name: 'admin' })
   * ```
   */
  async findOne<Result = Record<string, unknown>>(
    table: NameInput,
    where: Where,
  ): Promise<Result | undefined> {
    const params: unknown[] = []
    const condition = whereClause(where, params)
    const sql = `SELECT * FROM ${nameOf(table)} WHERE ${condition} LIMIT 1`
    return asResult((await this.query<Result>(sql, params))[0])
  }

  /**
   * Whether there is a table (or view) of this name.
   *
   * @example
   * ```ts
   * if (await db.hasTable('legacy_users')) builder.dropTable('legacy_users')
   * ```
   */
  async hasTable(name: NameInput): Promise<boolean> {
    return this.#lookUp().hasTable(parseName(name))
  }

  /**
   * Whether there is a table (or view) of this name with such a column.
   *
   * @example
   * ```ts
   * if (await db.hasColumn('users', 'nickname')) builder.dropColumn('users', 'nickname')
   * ```
   */
  async hasColumn(name: NameInput, column: string): Promise<boolean> {
    return this.#lookUp().hasColumn(parseName(name), column)
  }

  #lookUp(): LookUp {
    return lookUp((sql, params) => this.#send(sql, params))
  }

  /** A list is an array or JSON, which only the column can tell. */
  async #jsonColumns(table: NameInput, rows: readonly Row[]): Promise<ReadonlySet<string>> {
    if (!rows.some((row) => Object.values(row).some(Array.isArray))) return new Set()
    const found = await this.query<{ name: string }>(
      `SELECT attname AS name FROM pg_attribute
       WHERE attrelid = to_regclass($1) AND atttypid IN ('json'::regtype, 'jsonb'::regtype)`,
      [nameOf(table)],
    )
    return new Set(found.map(({ name }) => name))
  }

  async #insertChunk<Result>(table: NameInput, rows: readonly Row[]): Promise<Result[]> {
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
    if (columns.length === 0) {
      const sql = `INSERT INTO ${nameOf(table)} DEFAULT VALUES RETURNING *, 1 AS ${ANY_ROW}`
      const inserted: Result[] = []
      for (const _row of rows) {
        for (const found of await this.query<Result & { [ANY_ROW]?: number }>(sql)) {
          delete found[ANY_ROW]
          inserted.push(found)
        }
      }
      return inserted
    }
    const params: unknown[] = []
    const asJson = await this.#jsonColumns(table, rows)
    const tuples = rows.map((row) => {
      const values = columns.map((column) =>
        column in row && row[column] !== undefined
          ? `$${params.push(stored(column, row[column], asJson))}`
          : 'DEFAULT',
      )
      return `(${values.join(', ')})`
    })
    const list = columns.map(identifier).join(', ')
    return this.query<Result>(
      `INSERT INTO ${nameOf(table)} (${list}) VALUES ${tuples.join(', ')} RETURNING *`,
      params,
    )
  }
}

function stored(column: string, value: unknown, asJson: ReadonlySet<string>): unknown {
  return Array.isArray(value) && asJson.has(column) ? JSON.stringify(value) : value
}

function nameOf(input: NameInput): string {
  return qualifiedName(parseName(input))
}

function whereClause(where: Where, params: unknown[]): string {
  if (isSql(where)) return where.sql
  const conditions = Object.entries(where).map(([column, value]) => {
    const name = identifier(column)
    if (value === null) return `${name} IS NULL`
    if (value === undefined) throw noCondition(`column "${column}" has no value to compare with`)
    if (!Array.isArray(value)) return `${name} = $${params.push(value)}`
    const listed = value.filter((one) => one !== null)
    const isAny = `${name} = ANY($${params.push(listed)})`
    return listed.length < value.length ? `(${isAny} OR ${name} IS NULL)` : isAny
  })
  if (conditions.length === 0) throw noCondition('a where without conditions would mean every row')
  return conditions.join(' AND ')
}

function noCondition(what: string): BuilderError {
  return new BuilderError('BAD_VALUE', {
    what,
    fix: 'name the rows, or pass sql`true` for all of them',
  })
}

import type { TableName } from '../../../tables.ts'
import type { TableRow, TableWhere } from '../table-types.ts'
import type { ColumnExpectation, IndexExpectation } from './schema.ts'

/** Some columns of a row, with values or with `expect.any(…)` and its like. */
export type RowPattern<Table extends string> = Partial<TableRow<Table>>

/** What can be expected of a database, and of a statement. All of them are to be awaited. */
export interface PgMatchers {
  /**
   * The table has these rows and no others, in any order; columns that are not named do not count.
   *
   * @param where - Only these of its rows.
   * @example
   * ```ts
   * await expect(db).toHaveRows('users', [{ name: 'Ada' }, { name: expect.stringMatching(/^B/) }])
   * ```
   */
  toHaveRows<Table extends TableName>(
    table: Table,
    rows: readonly RowPattern<Table>[],
    where?: TableWhere<Table>,
  ): Promise<void>
  /**
   * The table has a row like this, among others.
   *
   * @example
   * ```ts
   * await expect(db).toHaveRow('users', { name: 'Ada', id: expect.any(Number) })
   * ```
   */
  toHaveRow<Table extends TableName>(table: Table, row: RowPattern<Table>): Promise<void>
  /**
   * The table has so many rows.
   *
   * @example
   * ```ts
   * await expect(db).toHaveRowCount('users', 2, { active: true })
   * ```
   */
  toHaveRowCount<Table extends TableName>(
    table: Table,
    count: number,
    where?: TableWhere<Table>,
  ): Promise<void>
  /**
   * There is a table of this name; views do not count.
   *
   * @example
   * ```ts
   * await expect(db).toHaveTable('tenant.orders')
   * ```
   */
  toHaveTable(table: string): Promise<void>
  /**
   * The table, or view, has such a column.
   *
   * @example
   * ```ts
   * await expect(db).toHaveColumn('users', 'email', { type: 'varchar(320)', nullable: false })
   * ```
   */
  toHaveColumn(table: string, column: string, like?: ColumnExpectation): Promise<void>
  /**
   * The table has an index with exactly these keys, in this order: columns, or expressions as PostgreSQL
   * writes them.
   *
   * @example
   * ```ts
   * await expect(db).toHaveIndex('users', ['email'], { unique: true })
   * ```
   */
  toHaveIndex(
    table: string,
    columns: string | readonly string[],
    like?: IndexExpectation,
  ): Promise<void>
  /**
   * The table has a foreign key of these columns to that table.
   *
   * @example
   * ```ts
   * await expect(db).toHaveForeignKey('posts', 'author_id', 'users')
   * ```
   */
  toHaveForeignKey(
    table: string,
    columns: string | readonly string[],
    referenced: string,
  ): Promise<void>
  /**
   * The code under test has sent so many queries since the test began: see `db.queries()`.
   *
   * @example
   * ```ts
   * await listPosts()
   * await expect(db).toHaveSentQueries(1)
   * ```
   */
  toHaveSentQueries(count: number): Promise<void>
  /**
   * The promise, or that of the function, is rejected as a constraint was violated, whatever the client.
   *
   * @param constraint - Its name; of NOT NULL, the column's. Any unless given.
   * @example
   * ```ts
   * await expect(db.insert('users', { email: 'taken@example.test' })).toViolate('users_email_key')
   * ```
   */
  toViolate(constraint?: string | RegExp): Promise<void>
}

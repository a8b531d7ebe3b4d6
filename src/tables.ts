/**
 * The tables of your database, for everything that is typed by them. Empty until you declare yours:
 *
 * ```ts
 * declare module '@faasjs/pg' {
 *   interface Tables {
 *     users: { id: string; email: string }
 *   }
 * }
 * ```
 */
// oxlint-disable-next-line typescript/no-empty-object-type -- open for declaration merging
export interface Tables {}

/** The name of a declared table; any string while none is declared. */
export type TableName = keyof Tables extends never ? string : Extract<keyof Tables, string>

/** The name of a column of a declared table; any string while that table is not declared. */
export type ColumnName<Table extends string> = Table extends keyof Tables
  ? Extract<keyof Tables[Table], string>
  : string

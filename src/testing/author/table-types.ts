import type { Sql } from '../../builder/sql-fragment.ts'
import type { Tables } from '../../tables.ts'

/** The name of a table that `Schema` declares; any string while it declares none. */
export type TableIn<Schema extends object> = keyof Schema extends never
  ? string
  : Extract<keyof Schema, string>

/** A row of a declared table; of any other, whatever it holds. */
export type TableRow<
  Table extends string,
  Schema extends object = Tables,
> = Table extends keyof Schema ? Schema[Table] : Record<string, unknown>

/** Which rows: by the values of columns, or by an expression made with `sql`. */
export type TableWhere<Table extends string, Schema extends object = Tables> =
  | Sql
  | {
      readonly [Column in keyof TableRow<Table, Schema>]?:
        | TableRow<Table, Schema>[Column]
        | null
        | readonly TableRow<Table, Schema>[Column][]
    }

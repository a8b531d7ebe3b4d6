import { describeTable } from './described-table.ts'
import type { DescribedTable } from './described-table.ts'
import { parseName } from './names.ts'
import type { NameInput } from './names.ts'
import type { TableBuilder } from './table-builder.ts'
import { brandTableValue } from './table-value.ts'
import type { TableValue } from './table-value.ts'

/** A table as a value: its description, and the callback that gave it. */
export interface DefinedTable extends TableValue, DescribedTable {
  readonly define: (table: TableBuilder) => void
}

/**
 * Describes a table once, for the migration that creates it, for the tables that point to it and for
 * tests.
 *
 * @param name - `'users'`, `'tenant.users'`, or `{ schema, name }`.
 * @param define - Describes the table, as in `createTable`.
 * @throws {BuilderError} at the line of the call that makes no sense.
 * @example
 * ```ts
 * const users = defineTable('users', (table) => {
 *   table.id()
 *   table.string('email').unique()
 * })
 *
 * builder.createTable(users)
 * builder.createTable('posts', (table) => table.belongsTo(users))
 * ```
 */
export function defineTable(name: NameInput, define: (table: TableBuilder) => void): DefinedTable {
  const table = parseName(name)
  return brandTableValue({ table, define, ...describeTable(table, define) })
}

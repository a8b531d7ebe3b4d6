import type { ColumnOperation } from '../columns.ts'
import type { Describers } from './describers.ts'
import { full, quote } from './words.ts'

export const columnDescribers: Describers<ColumnOperation> = {
  addColumn: (op) => `add column ${quote(op.column.name)} to table ${full(op.table)}`,
  addIdentity: (op) => `number column ${quote(op.column)} of table ${full(op.table)} (identity)`,
  alterColumnType: (op) =>
    `change type of column ${quote(op.column)} of table ${full(op.table)} to ${op.type}`,
  dropColumn: (op) =>
    `drop column ${quote(op.column)} of table ${full(op.table)}${op.ifExists ? ' if it exists' : ''}`,
  dropDefault: (op) => `drop default of column ${quote(op.column)} of table ${full(op.table)}`,
  dropIdentity: (op) => `stop numbering column ${quote(op.column)} of table ${full(op.table)}`,
  fill: (op) => `fill the NULLs of column ${quote(op.column)} of table ${full(op.table)}`,
  renameColumn: (op) =>
    `rename column ${quote(op.from)} of table ${full(op.table)} to ${quote(op.to)}`,
  setDefault: (op) => `set default of column ${quote(op.column)} of table ${full(op.table)}`,
  setNotNull: (op) => `set column ${quote(op.column)} of table ${full(op.table)} not null`,
  setNullable: (op) => `set column ${quote(op.column)} of table ${full(op.table)} nullable`,
  setStorage: (op) =>
    `set storage of column ${quote(op.column)} of table ${full(op.table)} to ${op.storage}`,
}

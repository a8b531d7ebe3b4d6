import type { PartitionBound } from '../definitions.ts'
import type { TableOperation } from '../tables.ts'
import type { Describers } from './describers.ts'
import { full, list, quote } from './words.ts'

export const tableDescribers: Describers<TableOperation> = {
  attachPartition: (op) =>
    `attach table ${full(op.partition)} to table ${full(op.table)} as its partition${rows(op.bound)}`,
  createPartition: (op) =>
    `create partition ${full(op.table)} of table ${full(op.of)}${rows(op.bound)}`,
  createTable: (op) => `create table ${full(op.table)} ${list(op.columns.map(({ name }) => name))}`,
  detachPartition: (op) => `detach partition ${full(op.partition)} from table ${full(op.table)}`,
  dropTable: (op) => `drop table ${full(op.table)}${op.cascade ? ' and what depends on it' : ''}`,
  inherit: (op) => `let table ${full(op.table)} inherit from table ${full(op.parent)}`,
  noInherit: (op) => `let table ${full(op.table)} no longer inherit from table ${full(op.parent)}`,
  renameTable: (op) => `rename table ${full(op.table)} to ${quote(op.to)}`,
  setLogged: (op) => `write changes of table ${full(op.table)} to the log`,
  setSchema: (op) => `move table ${full(op.table)} to schema ${quote(op.to)}`,
  setUnlogged: (op) => `stop writing changes of table ${full(op.table)} to the log`,
}

function rows(bound: PartitionBound): string {
  return 'default' in bound ? ', for all other rows' : ''
}

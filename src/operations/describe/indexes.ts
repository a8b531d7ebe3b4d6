import type { IndexOperation } from '../indexes.ts'
import type { Describers } from './describers.ts'
import { full, list, quote } from './words.ts'

export const indexDescribers: Describers<IndexOperation> = {
  createIndex: ({ index, table, concurrently }) =>
    `create ${index.unique ? 'unique ' : ''}index ${quote(index.name)} on table ${full(table)} ${list(index.keys.map(({ column, expression }) => column ?? expression ?? ''))}${online(concurrently)}`,
  dropIndex: (op) =>
    `drop index ${quote(op.name)} of table ${full(op.table)}${online(op.concurrently)}`,
  reindex: ({ target, concurrently }) =>
    `rebuild ${'index' in target ? `index ${full(target.index)}` : `the indexes of table ${full(target.table)}`}${online(concurrently)}`,
  renameIndex: (op) =>
    `rename index ${quote(op.from)} of table ${full(op.table)} to ${quote(op.to)}`,
}

function online(concurrently: boolean | undefined): string {
  return concurrently ? ' concurrently' : ''
}

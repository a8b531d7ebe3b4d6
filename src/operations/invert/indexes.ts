import type { IndexOperation } from '../indexes.ts'
import type { Inverters } from './inverters.ts'
import { recorded } from './recorded.ts'

export const indexInverters: Inverters<IndexOperation> = {
  createIndex: ({ table, index, concurrently }) => ({
    kind: 'dropIndex',
    table,
    name: index.name,
    ...(concurrently && { concurrently }),
    was: index,
  }),
  dropIndex: (operation) => ({
    kind: 'createIndex',
    table: operation.table,
    index: recorded(operation, 'the definition of the index'),
    ...(operation.concurrently && { concurrently: true }),
  }),
  // The same index, built anew.
  reindex: () => undefined,
  renameIndex: ({ kind, table, from, to }) => ({ kind, table, from: to, to: from }),
}

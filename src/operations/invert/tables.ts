import type { TableOperation } from '../tables.ts'
import type { Inverters } from './inverters.ts'
import { irreversible, recorded } from './recorded.ts'

export const tableInverters: Inverters<TableOperation> = {
  attachPartition: ({ table, partition, bound }) => ({
    kind: 'detachPartition',
    table,
    partition,
    was: bound,
  }),
  createPartition: ({ table, of, bound, partitionBy }) => ({
    kind: 'dropTable',
    table,
    was: {
      table,
      columns: [],
      constraints: [],
      partitionOf: { table: of, bound },
      ...(partitionBy && { partitionBy }),
    },
  }),
  createTable: ({ kind: _kind, ...definition }) => ({
    kind: 'dropTable',
    table: definition.table,
    was: definition,
  }),
  detachPartition: (operation) => ({
    kind: 'attachPartition',
    table: operation.table,
    partition: operation.partition,
    bound: recorded(operation, 'the bound of the partition'),
  }),
  dropTable: (operation) => {
    const { followedBy = [], ...definition } = recorded(operation, 'the definition of the table')
    const { partitionOf, partitionBy, table } = definition
    if (!partitionOf) return [{ kind: 'createTable', ...definition }, ...followedBy]
    const { table: of, bound } = partitionOf
    return [
      { kind: 'createPartition', table, of, bound, ...(partitionBy && { partitionBy }) },
      ...followedBy,
    ]
  },
  inherit: ({ table, parent }) => ({ kind: 'noInherit', table, parent }),
  noInherit: ({ table, parent }) => ({ kind: 'inherit', table, parent }),
  renameTable: ({ kind, table, to }) => ({ kind, table: { ...table, name: to }, to: table.name }),
  setLogged: (operation) => {
    const was = recorded(operation, 'whether the table was logged before it')
    const { table } = operation
    return was === 'logged' ? undefined : { kind: 'setUnlogged', table, was: 'logged' }
  },
  setSchema: (operation) => {
    const { kind, table, to } = operation
    if (table.schema === undefined) throw irreversible(operation, 'the schema it comes from')
    return { kind, table: { schema: to, name: table.name }, to: table.schema }
  },
  setUnlogged: (operation) => {
    const was = recorded(operation, 'whether the table was logged before it')
    const { table } = operation
    return was === 'unlogged' ? undefined : { kind: 'setLogged', table, was: 'unlogged' }
  },
}

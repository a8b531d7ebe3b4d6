import type { ColumnOperation } from '../columns.ts'
import type { Inverters } from './inverters.ts'
import { irreversible, recorded } from './recorded.ts'

export const columnInverters: Inverters<ColumnOperation> = {
  addColumn: ({ table, column }) => ({
    kind: 'dropColumn',
    table,
    column: column.name,
    was: column,
  }),
  addIdentity: ({ table, column, identity }) => ({
    kind: 'dropIdentity',
    table,
    column,
    was: identity,
  }),
  alterColumnType: (operation) => {
    const { kind, table, column, type, using, collate } = operation
    const was = recorded(operation, 'the type before it')
    return {
      kind,
      table,
      column,
      ...was,
      was: { type, ...(using === undefined ? {} : { using }), ...(collate && { collate }) },
    }
  },
  dropColumn: (operation) => {
    const missing = operation.ifExists
      ? 'whether there was such a column, and what it was,'
      : 'the definition of the column'
    const { followedBy = [], ...column } = recorded(operation, missing)
    return [{ kind: 'addColumn', table: operation.table, column }, ...followedBy]
  },
  dropDefault: (operation) => {
    const { table, column, was } = operation
    if (was === undefined) throw irreversible(operation, 'the default before it')
    return was === null ? undefined : { kind: 'setDefault', table, column, default: was, was: null }
  },
  dropIdentity: (operation) => ({
    kind: 'addIdentity',
    table: operation.table,
    column: operation.column,
    identity: recorded(operation, 'the definition of the identity'),
  }),
  // Which rows had NULL is not known afterwards, and does no harm to a column that allows it.
  fill: () => undefined,
  renameColumn: ({ kind, table, from, to }) => ({ kind, table, from: to, to: from }),
  setDefault: (operation) => {
    const { table, column } = operation
    if (operation.was === undefined) throw irreversible(operation, 'the default before it')
    if (operation.was === null) {
      return { kind: 'dropDefault', table, column, was: operation.default }
    }
    return { kind: 'setDefault', table, column, default: operation.was, was: operation.default }
  },
  setNotNull: ({ table, column }) => ({ kind: 'setNullable', table, column }),
  setNullable: ({ table, column }) => ({ kind: 'setNotNull', table, column }),
  setStorage: (operation) => {
    const { kind, table, column, storage } = operation
    return {
      kind,
      table,
      column,
      storage: recorded(operation, 'the storage before it'),
      was: storage,
    }
  },
}

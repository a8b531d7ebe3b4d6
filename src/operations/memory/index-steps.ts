import type { Operation } from '../operation.ts'
import type { SchemaMemory } from './schema-memory.ts'
import { mentions } from './sql-names.ts'

/** Follows operations on indexes of tables that are known. */
export function completeIndex(memory: SchemaMemory, operation: Operation): Operation | undefined {
  switch (operation.kind) {
    case 'createIndex':
      memory.table(operation.table)?.indexes.push(operation.index)
      return operation
    case 'dropIndex': {
      const table = memory.table(operation.table)
      const was = table?.indexes.find(({ name }) => name === operation.name)
      if (!table) return operation
      table.indexes = table.indexes.filter((index) => index !== was)
      // A comment on it would go along.
      if (!was || mentions(table.attached, operation.name)) {
        memory.forget(operation.table)
        return operation
      }
      return operation.was ? operation : { ...operation, was }
    }
    case 'renameIndex': {
      const table = memory.table(operation.table)
      if (!table) return operation
      const { from, to } = operation
      const isKnown = [...table.indexes, ...table.constraints].some(({ name }) => name === from)
      const rename = <Named extends { readonly name: string }>(named: Named): Named =>
        named.name === from ? { ...named, name: to } : named
      // The index of a constraint has its name, and gives it a new one.
      table.indexes = table.indexes.map(rename)
      table.constraints = table.constraints.map(rename)
      if (!isKnown || mentions(table.attached, from)) memory.forget(operation.table)
      return operation
    }
    case 'reindex':
      return operation
    default:
      return undefined
  }
}

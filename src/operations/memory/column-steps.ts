import type { DropColumn, SetNotNull, SetNullable } from '../columns.ts'
import type { Operation } from '../operation.ts'
import { added } from './added.ts'
import type { SchemaMemory } from './schema-memory.ts'
import { mentions } from './sql-names.ts'
import type { TableMemory } from './table-memory.ts'

/** Follows operations on columns of tables that are known. */
export function completeColumn(memory: SchemaMemory, operation: Operation): Operation | undefined {
  const changed = 'column' in operation && typeof operation.column === 'string'
  // A column that it has from elsewhere: the change is not part of what is known.
  if (changed && 'table' in operation && operation.kind !== 'fill') {
    const table = memory.table(operation.table)
    if (table && !table.column(operation.column)) memory.forget(operation.table)
  }
  switch (operation.kind) {
    case 'addColumn':
      memory.table(operation.table)?.columns.push(operation.column)
      return operation
    case 'dropColumn':
      return dropColumn(memory, operation)
    case 'renameColumn':
      renameColumn(memory, operation)
      return operation
    case 'alterColumnType': {
      const table = memory.table(operation.table)
      const old = table?.column(operation.column)
      const { type, collate } = operation
      table?.changeColumn(operation.column, { type, ...(collate && { collate }) }, 'collate')
      if (operation.was || !old) return operation
      const was = { type: old.type, ...(old.collate && { collate: old.collate }), isCast: true }
      return { ...operation, was }
    }
    case 'setNotNull':
    case 'setNullable':
      return setNullability(memory, operation)
    case 'setDefault':
    case 'dropDefault': {
      const table = memory.table(operation.table)
      const old = table?.column(operation.column)
      if (operation.kind === 'setDefault') {
        table?.changeColumn(operation.column, { default: operation.default })
      } else {
        table?.changeColumn(operation.column, {}, 'default')
      }
      if (operation.was !== undefined || !old) return operation
      return { ...operation, was: old.default ?? null }
    }
    case 'addIdentity':
      memory
        .table(operation.table)
        ?.changeColumn(operation.column, { identity: operation.identity })
      return operation
    case 'dropIdentity': {
      const table = memory.table(operation.table)
      const identity = table?.column(operation.column)?.identity
      table?.changeColumn(operation.column, {}, 'identity')
      return operation.was || !identity ? operation : { ...operation, was: identity }
    }
    case 'setStorage':
      memory.table(operation.table)?.attached.push(operation)
      return operation
    case 'fill':
      return operation
    default:
      return undefined
  }
}

/** What changes nothing has nothing to take back. */
function setNullability(memory: SchemaMemory, operation: SetNotNull | SetNullable): Operation {
  const table = memory.table(operation.table)
  const old = table?.column(operation.column)
  const nullable = operation.kind === 'setNullable'
  table?.changeColumn(operation.column, { nullable })
  const isKey = table?.constraints.some(
    (one) => one.type === 'primaryKey' && one.columns.includes(operation.column),
  )
  const isNullable = old && old.nullable && !isKey
  return isNullable === nullable ? { kind: 'reversible', operation, undo: [] } : operation
}

function dropColumn(memory: SchemaMemory, operation: DropColumn): Operation {
  const table = memory.table(operation.table)
  const column = table?.column(operation.column)
  if (!table || !column) return operation
  const constraints = table.constraintsOn(operation.column)
  const indexes = table.indexesOn(operation.column)
  const attached = attachedTo(table, operation.column)
  const isGenerator = mentions(
    table.columns.map(({ generated }) => generated?.expression),
    operation.column,
  )
  const gone = [...(constraints ?? []), ...(indexes ?? [])].map(({ name }) => name)
  const isKnown = !isGenerator && !gone.some((name) => mentions(table.attached, name))
  if (!constraints || !indexes || !attached || !isKnown || operation.cascade) {
    memory.forget(operation.table)
    return operation
  }
  table.columns = table.columns.filter((other) => other !== column)
  table.constraints = table.constraints.filter((constraint) => !constraints.includes(constraint))
  table.indexes = table.indexes.filter((index) => !indexes.includes(index))
  table.attached = table.attached.filter((other) => !attached.includes(other))
  if (operation.was) return operation
  return {
    ...operation,
    was: {
      ...column,
      followedBy: [
        ...constraints.map((constraint) => added(operation.table, constraint)),
        ...indexes.map((index): Operation => ({
          kind: 'createIndex',
          table: operation.table,
          index,
        })),
        ...attached,
      ],
    },
  }
}

function renameColumn(
  memory: SchemaMemory,
  operation: Extract<Operation, { kind: 'renameColumn' }>,
): void {
  const { from, to } = operation
  const table = memory.table(operation.table)
  if (table) {
    const attached = attachedTo(table, from)
    table.attached = table.attached.map((one) =>
      attached?.includes(one) ? onColumn(one, to) : one,
    )
    // Expressions are text here: one that may speak of the column makes the table unknown.
    if (!attached || mentions(table.expressions(), from)) memory.forget(operation.table)
    else table.renameColumn(from, to)
  }
  // Names of indexes of partitions were made of it.
  for (const child of memory.descendants(operation.table)) memory.forget(child.table)
  for (const other of memory.tables()) {
    followReferences(other, operation)
    if (other !== table && mentions(other.attached, from)) memory.forget(other.table)
  }
}

/** Comments and storage of a column; `undefined` where something else may speak of it. */
function attachedTo(table: TableMemory, column: string): Operation[] | undefined {
  const own = table.attached.filter(
    (one) =>
      (one.kind === 'comment' && 'column' in one.on && one.on.column === column) ||
      (one.kind === 'setStorage' && one.column === column),
  )
  const others = table.attached.filter((one) => !own.includes(one))
  return mentions(others, column) ? undefined : own
}

function onColumn(operation: Operation, column: string): Operation {
  if (operation.kind === 'setStorage') return { ...operation, column }
  if (operation.kind !== 'comment' || !('column' in operation.on)) return operation
  return { ...operation, on: { ...operation.on, column } }
}

function followReferences(
  table: TableMemory,
  { table: renamed, from, to }: Extract<Operation, { kind: 'renameColumn' }>,
): void {
  table.constraints = table.constraints.map((constraint) => {
    if (constraint.type !== 'foreignKey') return constraint
    const { table: target, columns } = constraint.references
    if (target.name !== renamed.name || target.schema !== renamed.schema) return constraint
    const names = columns.map((name) => (name === from ? to : name))
    return { ...constraint, references: { table: target, columns: names } }
  })
}

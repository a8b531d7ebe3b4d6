import type { AddPrimaryKey, DropPrimaryKey } from '../constraints.ts'
import type { ConstraintDefinition, QualifiedName } from '../definitions.ts'
import type { Operation } from '../operation.ts'
import type { SchemaMemory } from './schema-memory.ts'
import { mentions } from './sql-names.ts'

/** Follows operations on constraints of tables that are known. */
export function completeConstraint(
  memory: SchemaMemory,
  operation: Operation,
): Operation | undefined {
  switch (operation.kind) {
    case 'addPrimaryKey':
    case 'addUnique':
    case 'addCheck':
    case 'addForeignKey':
    case 'addExclude': {
      const table = memory.table(operation.table)
      const { constraint } = operation
      const completed = operation.kind === 'addPrimaryKey' ? keyed(memory, operation) : operation
      // It takes an index under another name, and with it the columns that are not said here.
      if ('usingIndex' in constraint) memory.forget(operation.table)
      else table?.constraints.push(constraint)
      return completed
    }
    case 'dropPrimaryKey':
      keepNotNull(memory, operation)
      return dropped(memory, operation, 'primaryKey', (was) => ({ ...operation, was }))
    case 'dropUnique':
      return dropped(memory, operation, 'unique', (was) => ({ ...operation, was }))
    case 'dropCheck':
      return dropped(memory, operation, 'check', (was) => ({ ...operation, was }))
    case 'dropForeignKey':
      return dropped(memory, operation, 'foreignKey', (was) => ({ ...operation, was }))
    case 'dropExclude':
      return dropped(memory, operation, 'exclude', (was) => ({ ...operation, was }))
    case 'renameConstraint': {
      const table = memory.table(operation.table)
      if (!table) return operation
      const { from, to } = operation
      const isKnown = table.constraints.some(({ name }) => name === from)
      table.constraints = table.constraints.map((constraint) =>
        constraint.name === from ? { ...constraint, name: to } : constraint,
      )
      if (!isKnown || mentions(table.attached, from)) memory.forget(operation.table)
      return operation
    }
    case 'validateConstraint': {
      const table = memory.table(operation.table)
      if (!table) return operation
      table.constraints = table.constraints.map((constraint) => {
        if (constraint.name !== operation.name || !('notValid' in constraint)) return constraint
        const { notValid: _notValid, ...valid } = constraint
        return valid
      })
      return operation
    }
    default:
      return undefined
  }
}

/** The key makes its columns NOT NULL, and they stay so without it. */
function keyed(memory: SchemaMemory, operation: AddPrimaryKey): Operation {
  const { table: name, constraint, was } = operation
  const table = memory.table(name)
  const isNullable = constraint.columns.map(
    (column) =>
      (table ? table.column(column)?.nullable : undefined) ??
      memory.newColumns.isNullable(name, column),
  )
  for (const column of constraint.columns) table?.changeColumn(column, { nullable: false })
  if (was || constraint.usingIndex !== undefined || isNullable.includes(undefined)) return operation
  const nullable = constraint.columns.filter((_column, index) => isNullable[index])
  return { ...operation, was: { nullable } }
}

function keepNotNull(memory: SchemaMemory, operation: DropPrimaryKey): void {
  const table = memory.table(operation.table)
  const columns = table?.constraints.flatMap((one) =>
    one.type === 'primaryKey' && one.name === operation.name ? one.columns : [],
  )
  for (const column of columns ?? []) table?.changeColumn(column, { nullable: false })
}

function dropped<Type extends ConstraintDefinition['type']>(
  memory: SchemaMemory,
  operation: Operation & { table: QualifiedName; name: string; cascade?: boolean; was?: unknown },
  type: Type,
  complete: (was: Extract<ConstraintDefinition, { type: Type }>) => Operation,
): Operation {
  const table = memory.table(operation.table)
  const isIt = (
    constraint: ConstraintDefinition,
  ): constraint is Extract<ConstraintDefinition, { type: Type }> =>
    constraint.type === type && constraint.name === operation.name
  const was = table?.constraints.find(isIt)
  if (table) table.constraints = table.constraints.filter((constraint) => constraint !== was)
  // A comment on it would go along.
  const isSpokenOf = table !== undefined && mentions(table.attached, operation.name)
  if (table && (!was || isSpokenOf)) memory.forget(operation.table)
  if (operation.was !== undefined || !was || isSpokenOf || operation.cascade) return operation
  return complete(was)
}

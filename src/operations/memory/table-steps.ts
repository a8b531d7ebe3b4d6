import type { QualifiedName } from '../definitions.ts'
import type { Operation } from '../operation.ts'
import type { DropTable, SetLogged, SetUnlogged } from '../tables.ts'
import { key } from './key.ts'
import type { SchemaMemory } from './schema-memory.ts'
import { mentions } from './sql-names.ts'
import { TableMemory } from './table-memory.ts'

/** Follows operations on whole tables. */
export function completeTable(memory: SchemaMemory, operation: Operation): Operation | undefined {
  switch (operation.kind) {
    case 'createTable': {
      const { kind: _kind, ...definition } = operation
      const table = new TableMemory(definition)
      memory.remember(table)
      // A table that copies from another has columns that are not known here.
      if (definition.like) memory.forget(operation.table)
      return operation
    }
    case 'createPartition': {
      const { table, of, bound, partitionBy } = operation
      const rest = { partitionOf: { table: of, bound }, ...(partitionBy && { partitionBy }) }
      memory.remember(new TableMemory({ table, columns: [], constraints: [], ...rest }))
      return operation
    }
    case 'dropTable':
      return dropTable(memory, operation)
    case 'renameTable':
      move(memory, operation.table, { ...operation.table, name: operation.to })
      return operation
    case 'setSchema':
      move(memory, operation.table, { schema: operation.to, name: operation.table.name })
      return operation
    case 'detachPartition':
      memory.remove(operation.partition)
      return operation
    case 'noInherit':
      memory.remove(operation.table)
      return operation
    case 'attachPartition':
      memory.forget(operation.partition)
      memory.forget(operation.table)
      return operation
    case 'inherit':
      memory.forget(operation.table)
      memory.forget(operation.parent)
      return operation
    case 'setLogged':
    case 'setUnlogged':
      return setPersistence(memory, operation)
    default:
      return undefined
  }
}

function dropTable(memory: SchemaMemory, operation: DropTable): Operation {
  const table = memory.table(operation.table)
  const followedBy = table && [...table.followers(), ...partitions(memory, table)]
  for (const child of memory.descendants(operation.table)) memory.remove(child.table)
  memory.remove(operation.table)
  if (operation.was || !table || !followedBy || operation.cascade) return operation
  // Whether a partition has such an index depends on which of them came first.
  if (table.indexes.some(({ only }) => only)) return operation
  return { ...operation, was: { ...table.definition(), followedBy } }
}

/** A partitioned table takes its partitions along. */
function partitions(memory: SchemaMemory, parent: TableMemory): Operation[] {
  return memory.children(parent.table).flatMap((child) => {
    const { partitionOf, partitionBy } = child.rest
    if (!partitionOf) return []
    const { table: of, bound } = partitionOf
    return [
      {
        kind: 'createPartition',
        table: child.table,
        of,
        bound,
        ...(partitionBy && { partitionBy }),
      },
      ...child.followers(),
      ...partitions(memory, child),
    ]
  })
}

function setPersistence(memory: SchemaMemory, operation: SetLogged | SetUnlogged): Operation {
  const table = memory.table(operation.table)
  if (!table) return operation
  const { persistence, ...rest } = table.rest
  table.rest = operation.kind === 'setLogged' ? rest : { ...rest, persistence: 'UNLOGGED' }
  if (operation.was !== undefined) return operation
  return { ...operation, was: persistence === 'UNLOGGED' ? 'unlogged' : 'logged' }
}

/** A table gets another name, and what speaks of it follows. */
function move(memory: SchemaMemory, from: QualifiedName, to: QualifiedName): void {
  const rename = (name: QualifiedName): QualifiedName => (key(name) === key(from) ? to : name)
  const moved = memory.table(from)
  // The names of what a partition got from its parent were made of its name.
  if (moved && moved.parents().length > 0) memory.forget(from)
  else if (moved) {
    memory.remove(from)
    moved.table = to
    moved.attached = moved.attached.map((operation) => onRenamed(operation, rename))
    memory.remember(moved)
    const isBoundToSchema = from.schema !== to.schema && moved.attached.length > 0
    if (isBoundToSchema || mentions([moved.expressions(), moved.attached], from.name)) {
      memory.forget(to)
    }
  }
  for (const table of memory.tables()) {
    const { inherits, partitionOf } = table.rest
    table.rest = {
      ...table.rest,
      ...(inherits && { inherits: inherits.map(rename) }),
      ...(partitionOf && { partitionOf: { ...partitionOf, table: rename(partitionOf.table) } }),
    }
    table.constraints = table.constraints.map((constraint) => {
      if (constraint.type !== 'foreignKey') return constraint
      const { references } = constraint
      return { ...constraint, references: { ...references, table: rename(references.table) } }
    })
  }
}

function onRenamed(
  operation: Operation,
  rename: (name: QualifiedName) => QualifiedName,
): Operation {
  if ('on' in operation && typeof operation.on === 'object' && 'table' in operation.on) {
    return { ...operation, on: { ...operation.on, table: rename(operation.on.table) } }
  }
  return 'table' in operation ? { ...operation, table: rename(operation.table) } : operation
}

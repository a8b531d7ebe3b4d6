import type { ColumnDefinition, QualifiedName } from '../operations/definitions.ts'
import { SchemaMemory } from '../operations/memory/schema-memory.ts'
import type { Operation, OperationKind } from '../operations/operation.ts'
import { commonType, referencingType } from './associations.ts'
import { enqueue, queuedOperations, record, takeRecorded } from './recorded.ts'
import type { RecordedOperation } from './recorded.ts'

/** After these, what was said of a table before does not hold for its name any more. */
const UNSETTLING: ReadonlySet<OperationKind> = new Set([
  'dropColumn',
  'dropForeignKey',
  'dropTable',
  'renameColumn',
  'renameConstraint',
  'renameTable',
  'setSchema',
  'validateConstraint',
])

/**
 * Adds what a call has recorded to the queue. A foreign key that points to a table which is created
 * only now moves behind it, so that tables may point to each other; a column that takes the type of a
 * key of it has that type now.
 */
export function enqueueInOrder(builder: object, added: readonly RecordedOperation[]): void {
  const created = added.find(({ operation }) => operation.kind === 'createTable')?.operation
  const queued = queuedOperations(builder)
  if (
    created?.kind !== 'createTable' ||
    !queued.some(({ operation }) => isWaitingFor(created.table, operation)) ||
    isKnown(queued, created.table)
  ) {
    enqueue(builder, added)
    return
  }
  enqueue(builder, reordered(created.table, takeRecorded(builder), added))
}

function reordered(
  created: QualifiedName,
  queued: readonly RecordedOperation[],
  added: readonly RecordedOperation[],
): RecordedOperation[] {
  const moved: RecordedOperation[] = []
  const kept = queued.flatMap((one, index) => {
    const [rest, keys] = withoutKeysTo(created, one.operation)
    if (keys.length === 0 || !isSettled(queued.slice(index + 1), one.operation)) return [one]
    moved.push(...keys.map((operation) => record(operation, one.trace)))
    return rest ? [record(rest, one.trace)] : []
  })
  return withTypes(created, [...kept, ...added, ...moved])
}

function isWaitingFor(table: QualifiedName, operation: Operation): boolean {
  if (withoutKeysTo(table, operation)[1].length > 0) return true
  return columnsOf(operation).some((column) => takesTypeFrom(table, column))
}

function columnsOf(operation: Operation): readonly ColumnDefinition[] {
  if (operation.kind === 'addColumn') return [operation.column]
  return operation.kind === 'createTable' ? operation.columns : []
}

function takesTypeFrom(table: QualifiedName, { type, typeOf = [] }: ColumnDefinition): boolean {
  return type === '' && typeOf.some((key) => isSame(key.table, table))
}

/** Whether the queue has had the table before: then a foreign key may mean that one. */
function isKnown(queued: readonly RecordedOperation[], table: QualifiedName): boolean {
  return queued.some(
    ({ operation }) =>
      (operation.kind === 'createTable' || UNSETTLING.has(operation.kind)) &&
      isOn(table, operation),
  )
}

function isSettled(later: readonly RecordedOperation[], first: Operation): boolean {
  if (first.kind !== 'createTable' && first.kind !== 'addForeignKey') return false
  return !later.some(
    ({ operation }) => UNSETTLING.has(operation.kind) && isOn(first.table, operation),
  )
}

function isOn(table: QualifiedName, operation: Operation): boolean {
  return (
    'table' in operation && typeof operation.table === 'object' && isSame(operation.table, table)
  )
}

function isSame(one: QualifiedName, other: QualifiedName): boolean {
  return one.name === other.name && one.schema === other.schema
}

/** An operation without its foreign keys to a table, and these as operations of their own. */
function withoutKeysTo(
  target: QualifiedName,
  operation: Operation,
): [rest: Operation | undefined, keys: readonly Operation[]] {
  if (operation.kind === 'addForeignKey') {
    const isIt = isSame(operation.constraint.references.table, target)
    return isIt ? [undefined, [operation]] : [operation, []]
  }
  if (operation.kind !== 'createTable') return [operation, []]
  const { table } = operation
  // A table may point to itself at once.
  if (isSame(table, target)) return [operation, []]
  const keys = operation.constraints.flatMap((constraint) =>
    constraint.type === 'foreignKey' && isSame(constraint.references.table, target)
      ? [{ kind: 'addForeignKey', table, constraint } satisfies Operation]
      : [],
  )
  const names = new Set(keys.map(({ constraint }) => constraint.name))
  const constraints = operation.constraints.filter(({ name }) => !names.has(name))
  return [{ ...operation, constraints }, keys]
}

/** Gives columns the types of keys that the table has brought. */
function withTypes(
  created: QualifiedName,
  recorded: readonly RecordedOperation[],
): RecordedOperation[] {
  let memory: SchemaMemory | undefined
  const typed = (column: ColumnDefinition): ColumnDefinition => {
    if (!takesTypeFrom(created, column)) return column
    memory ??= remembered(recorded)
    const { typeOf = [], ...rest } = column
    const types = typeOf.map(
      ({ table, column: name }) => memory?.table(table)?.column(name)?.type ?? '',
    )
    const type = types.includes('') ? '' : commonType(types.map(referencingType))
    return type ? { ...rest, type } : column
  }
  return recorded.map((one) => {
    const { operation, trace } = one
    if (!columnsOf(operation).some((column) => takesTypeFrom(created, column))) return one
    if (operation.kind === 'addColumn') {
      return record({ ...operation, column: typed(operation.column) }, trace)
    }
    if (operation.kind !== 'createTable') return one
    return record({ ...operation, columns: operation.columns.map(typed) }, trace)
  })
}

function remembered(recorded: readonly RecordedOperation[]): SchemaMemory {
  const memory = new SchemaMemory()
  for (const { operation } of recorded) memory.complete(operation)
  return memory
}

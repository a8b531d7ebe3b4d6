import type { Executor } from '../database/database.ts'
import { BuilderError } from '../errors.ts'
import type { ColumnDefinition } from '../operations/definitions.ts'
import type { Operation } from '../operations/operation.ts'
import { identifier, qualifiedName } from '../sql/identifier.ts'
import { commonType } from './associations.ts'
import type { FailureContext } from './failure-context.ts'
import { sourceLine } from './recorded.ts'
import type { RecordedOperation } from './recorded.ts'

/** Whether an operation has a column whose type must be looked up first. */
export function hasUnknownType(operation: Operation): boolean {
  return columnsOf(operation).some(({ type }) => type === '')
}

/**
 * The operation with the types that the database says.
 *
 * @throws {BuilderError} `UNKNOWN_TYPE` when the key that a column points to is not there.
 */
export async function resolveTypes(
  executor: Executor,
  { operation, trace }: RecordedOperation,
  context: FailureContext = {},
): Promise<Operation> {
  if (operation.kind === 'reversible') {
    const inner = { operation: operation.operation, trace }
    return { ...operation, operation: await resolveTypes(executor, inner, context) }
  }
  const resolved = async (column: ColumnDefinition): Promise<ColumnDefinition> => {
    const found = await resolve(executor, column)
    if (!('missing' in found)) return found
    throw unknownKey(column, found.missing, sourceLine(trace), context)
  }
  if (operation.kind === 'addColumn') {
    return { ...operation, column: await resolved(operation.column) }
  }
  if (operation.kind !== 'createTable') return operation
  const columns: ColumnDefinition[] = []
  for (const column of operation.columns) columns.push(await resolved(column))
  return { ...operation, columns }
}

function columnsOf(operation: Operation): readonly ColumnDefinition[] {
  if (operation.kind === 'reversible') return columnsOf(operation.operation)
  if (operation.kind === 'addColumn') return [operation.column]
  return operation.kind === 'createTable' ? operation.columns : []
}

type Key = NonNullable<ColumnDefinition['typeOf']>[number]

async function resolve(
  executor: Executor,
  column: ColumnDefinition,
): Promise<ColumnDefinition | { readonly missing: Key }> {
  if (column.type !== '') return column
  const { typeOf = [], ...rest } = column
  const types: string[] = []
  for (const key of typeOf) {
    const { rows } = await executor.query<{ type: string }>(
      `SELECT format_type(atttypid, atttypmod) AS type FROM pg_attribute
       WHERE attrelid = to_regclass($1) AND attname = $2 AND NOT attisdropped`,
      [qualifiedName(key.table), key.column],
    )
    const type = rows[0]?.type
    if (type === undefined) return { missing: key }
    types.push(type)
  }
  return { ...rest, type: commonType(types) ?? '' }
}

function unknownKey(
  column: ColumnDefinition,
  key: Key,
  source: string | undefined,
  { migration, note }: FailureContext,
): BuilderError {
  const place = `${qualifiedName(key.table)}.${identifier(key.column)}`
  const at = source === undefined ? '' : ` at ${source}`
  const missing = `column "${column.name}" has no type`
  return new BuilderError('UNKNOWN_TYPE', {
    what:
      migration === undefined
        ? `${missing}${at}`
        : `migration "${migration}" failed${at}: ${missing}`,
    why: `it would be that of ${place}, which is not there`,
    fix: "create the referenced table first, or give the type: { type: 'uuid' }",
    note,
    details: {
      ...(migration !== undefined && { migration }),
      column: column.name,
      ...(source !== undefined && { source }),
    },
  })
}

import type { Executor } from '../database/database.ts'
import { BuilderError } from '../errors.ts'
import type { ColumnDefinition } from '../operations/definitions.ts'
import type { Operation } from '../operations/operation.ts'
import { identifier, qualifiedName } from '../sql/identifier.ts'
import { commonType } from './associations.ts'

/** Whether an operation has a column whose type must be looked up first. */
export function hasUnknownType(operation: Operation): boolean {
  return columnsOf(operation).some(({ type }) => type === '')
}

/** The operation with the types that the database says. */
export async function resolveTypes(executor: Executor, operation: Operation): Promise<Operation> {
  if (operation.kind === 'addColumn') {
    return { ...operation, column: await resolve(executor, operation.column) }
  }
  if (operation.kind === 'reversible') {
    return { ...operation, operation: await resolveTypes(executor, operation.operation) }
  }
  if (operation.kind !== 'createTable') return operation
  const columns: ColumnDefinition[] = []
  for (const column of operation.columns) columns.push(await resolve(executor, column))
  return { ...operation, columns }
}

function columnsOf(operation: Operation): readonly ColumnDefinition[] {
  if (operation.kind === 'reversible') return columnsOf(operation.operation)
  if (operation.kind === 'addColumn') return [operation.column]
  return operation.kind === 'createTable' ? operation.columns : []
}

async function resolve(executor: Executor, column: ColumnDefinition): Promise<ColumnDefinition> {
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
    if (type === undefined) {
      const place = `${qualifiedName(key.table)}.${identifier(key.column)}`
      throw new BuilderError('UNKNOWN_TYPE', {
        what: `column "${column.name}" has no type: there is no ${place}`,
        fix: "create the referenced table first, or give the type: { type: 'uuid' }",
        details: { column: column.name },
      })
    }
    types.push(type)
  }
  return { ...rest, type: commonType(types) ?? '' }
}

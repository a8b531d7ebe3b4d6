import type { QualifiedName, TableDefinition } from '../operations/definitions.ts'

const BRAND: unique symbol = Symbol.for('@faasjs/pg/table') as never

/** A table as a value, made by `defineTable`. */
export interface TableValue {
  readonly table: QualifiedName
  readonly definition: TableDefinition
}

export function brandTableValue<Value extends TableValue>(value: Value): Value {
  Object.defineProperty(value, BRAND, { value: true })
  return value
}

/** Whether a value was made by `defineTable`, by any copy of this package. */
export function isTableValue(value: unknown): value is TableValue {
  return typeof value === 'object' && value !== null && BRAND in value
}

import type { Operation } from '../../operations/operation.ts'
import type { NameInput } from '../names.ts'
import type { TableBuilder } from '../table-builder.ts'

/**
 * The root of the chain of classes that `SchemaBuilder` is made of: one class for each kind of
 * database object, each holding the calls for it.
 */
export abstract class Calls {
  /** Adds an operation, with the place of the caller. */
  protected abstract record(operation: Operation): this

  abstract alterTable(name: NameInput, change: (table: TableBuilder) => void): this
}

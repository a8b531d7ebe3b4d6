import type { QualifiedName } from '../operations/definitions.ts'
import { captureTrace } from './recorded.ts'
import type { TableRecorder } from './table-recorder.ts'
import { isTableValue } from './table-value.ts'

/** What a `TableBuilder` knows of where it is used. */
export interface TableContext {
  /** Throws once the callback is over. */
  readonly assertOpen: () => void
  /** The type of a column of a table that the same builder has made. */
  readonly typeOf: (table: QualifiedName, column: string) => string | undefined
}

/** The root of the chain of classes that `TableBuilder` is made of. */
export abstract class TableCalls {
  protected readonly table: QualifiedName
  protected readonly recorder: TableRecorder
  readonly #context: TableContext

  /** Made by `SchemaBuilder`. */
  constructor(table: QualifiedName, recorder: TableRecorder, context: TableContext) {
    this.table = table
    this.recorder = recorder
    this.#context = context
  }

  /** Records something, with the place of the caller. */
  protected do(action: (trace: Error) => void): this {
    this.guarded(() => action(captureTrace()))
    return this
  }

  /** Throws once the callback is over. */
  protected guarded(action: () => void): void {
    this.#context.assertOpen()
    action()
  }

  /** The type of a column, where it is known before anything runs. */
  protected typeOf(table: QualifiedName, reference: unknown, column: string): string | undefined {
    if (isTableValue(reference)) {
      const type = reference.definition.columns.find(({ name }) => name === column)?.type
      return type === '' ? undefined : type
    }
    const isThis = table.name === this.table.name && table.schema === this.table.schema
    const own = isThis ? this.recorder.columnType(column) : undefined
    return own ?? this.#context.typeOf(table, column)
  }
}

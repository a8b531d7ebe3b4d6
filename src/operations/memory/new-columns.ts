import type { QualifiedName } from '../definitions.ts'
import type { Operation, OperationKind } from '../operation.ts'
import { key } from './key.ts'

/** What leaves the columns of a table as they are. */
const HARMLESS: ReadonlySet<OperationKind> = new Set([
  'addCheck',
  'addForeignKey',
  'addUnique',
  'comment',
  'createIndex',
  'createTable',
  'createType',
  'fill',
  'setDefault',
])

/** Columns that were just added to a table of which nothing else is known: may they be NULL? */
export class NewColumns {
  readonly #nullable = new Map<string, boolean>()

  /** `undefined` where that is not known. */
  isNullable(table: QualifiedName, column: string): boolean | undefined {
    return this.#nullable.get(columnKey(table, column))
  }

  follow(operation: Operation): void {
    switch (operation.kind) {
      case 'addColumn': {
        const { name, nullable } = operation.column
        this.#nullable.set(columnKey(operation.table, name), nullable)
        return
      }
      case 'setNotNull':
      case 'setNullable':
        this.#change(operation.table, [operation.column], operation.kind === 'setNullable')
        return
      case 'addPrimaryKey':
        this.#change(operation.table, operation.constraint.columns, false)
        return
      default:
        if (!HARMLESS.has(operation.kind)) this.clear()
    }
  }

  clear(): void {
    this.#nullable.clear()
  }

  #change(table: QualifiedName, columns: readonly string[], nullable: boolean): void {
    const keys = columns.map((column) => columnKey(table, column))
    // It may be one of these under another name.
    if (keys.length === 0 || !keys.every((one) => this.#nullable.has(one))) this.clear()
    else for (const one of keys) this.#nullable.set(one, nullable)
  }
}

function columnKey(table: QualifiedName, column: string): string {
  return JSON.stringify([key(table), column])
}

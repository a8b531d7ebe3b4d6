import type { AddPrimaryKey } from '../operations/constraints.ts'
import type {
  ConstraintDefinition,
  IndexDefinition,
  TableDefinition,
} from '../operations/definitions.ts'
import type { DropIndex } from '../operations/indexes.ts'
import type { Operation } from '../operations/operation.ts'
import type { ColumnChange } from './column-change.ts'
import type { ColumnDraft } from './column-draft.ts'
import type { DropConstraintKind, DropConstraintOptions } from './drop-constraint.ts'
import type { RecordedOperation } from './recorded.ts'
import type { DropColumnOptions } from './table-builder.ts'

/**
 * What `TableBuilder` writes into. `createTable` and `alterTable` mean different things by the same
 * calls, so each has a recorder of its own.
 */
export interface TableRecorder {
  addColumn(column: ColumnDraft, createType: Operation | undefined, trace: Error): void
  /** The type of a column that was added here. */
  columnType(name: string): string | undefined
  alterColumn(name: string, change: ColumnChange, trace: Error): void
  dropColumn(name: string, options: DropColumnOptions, trace: Error): void
  renameColumn(from: string, to: string, trace: Error): void
  /** The definition is asked for when the callback has ended: a foreign key has a chain. */
  addConstraint(
    definition: () => ConstraintDefinition,
    trace: Error,
    was?: NonNullable<AddPrimaryKey['was']>,
  ): void
  dropConstraint(
    kind: DropConstraintKind,
    name: string,
    options: DropConstraintOptions,
    trace: Error,
  ): void
  createIndex(index: IndexDefinition, concurrently: boolean, trace: Error): void
  dropIndex(operation: DropIndex, trace: Error): void
  /** What only a new table can have. */
  tableOption(option: Partial<TableDefinition>): void
  /** A change that only an existing table can have. */
  change(operation: Operation, trace: Error): void
  /** What follows in its place, in both: raw SQL, comments. */
  follow(operation: Operation, trace: Error): void
  /** Takes the table's only primary key, or throws. */
  claimPrimaryKey(): void
  /** The operations, when the callback has ended. */
  finish(): RecordedOperation[]
}

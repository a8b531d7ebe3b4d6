import type { DefaultDefinition, QualifiedName } from './definitions.ts'
import type { Operation } from './operation.ts'

/** What is not about one kind of object. */
export type OtherOperation = Backfill | Raw | Reversible

export interface Raw {
  readonly kind: 'raw'
  readonly sql: string
  /** What undoes it. */
  readonly down?: string
}

/** An operation with an undo of its own. */
export interface Reversible {
  readonly kind: 'reversible'
  readonly operation: Operation
  /** What undoes it, in order. */
  readonly undo: readonly Operation[]
}

/** New values for many rows, in batches that are committed one by one. */
export interface Backfill {
  readonly kind: 'backfill'
  readonly table: QualifiedName
  readonly set: Readonly<Record<string, DefaultDefinition>>
  /** Only rows for which this holds. */
  readonly where?: string
  readonly batchSize: number
  /** Rest after each batch, in milliseconds. */
  readonly pauseMs: number
}

import type { PartitionBound, QualifiedName, TableDefinition } from './definitions.ts'
import type { OnTable } from './on-table.ts'
import type { Operation } from './operation.ts'

export type TableOperation =
  | AttachPartition
  | CreatePartition
  | CreateTable
  | DetachPartition
  | DropTable
  | Inherit
  | NoInherit
  | RenameTable
  | SetLogged
  | SetSchema
  | SetUnlogged

export interface CreateTable extends TableDefinition {
  readonly kind: 'createTable'
}

export interface DropTable {
  readonly kind: 'dropTable'
  readonly table: QualifiedName
  /** Also drops what depends on it: views, foreign keys of other tables. */
  readonly cascade?: boolean
  /** The table, and what was made on it since: indexes, comments, triggers. */
  readonly was?: TableDefinition & { readonly followedBy?: readonly Operation[] }
}

export interface RenameTable extends OnTable {
  readonly kind: 'renameTable'
  /** The new name; a table stays in its schema when it is renamed. */
  readonly to: string
}

export interface SetSchema extends OnTable {
  readonly kind: 'setSchema'
  /** The schema it moves to. */
  readonly to: string
}

export interface SetLogged extends OnTable {
  readonly kind: 'setLogged'
  /** How it was before. */
  readonly was?: 'logged' | 'unlogged'
}

export interface SetUnlogged extends OnTable {
  readonly kind: 'setUnlogged'
  /** How it was before. */
  readonly was?: 'logged' | 'unlogged'
}

export interface Inherit extends OnTable {
  readonly kind: 'inherit'
  readonly parent: QualifiedName
}

export interface NoInherit extends OnTable {
  readonly kind: 'noInherit'
  readonly parent: QualifiedName
}

export interface CreatePartition extends OnTable {
  readonly kind: 'createPartition'
  /** The partitioned table. */
  readonly of: QualifiedName
  readonly bound: PartitionBound
  /** How this partition is cut once more. */
  readonly partitionBy?: TableDefinition['partitionBy']
}

export interface AttachPartition extends OnTable {
  readonly kind: 'attachPartition'
  /** The table that becomes a partition of `table`. */
  readonly partition: QualifiedName
  readonly bound: PartitionBound
}

export interface DetachPartition extends OnTable {
  readonly kind: 'detachPartition'
  readonly partition: QualifiedName
  /** Without blocking queries; not in a transaction. */
  readonly concurrently?: boolean
  readonly was?: PartitionBound
}

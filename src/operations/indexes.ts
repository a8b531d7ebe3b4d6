import type { IndexDefinition, QualifiedName } from './definitions.ts'
import type { OnTable } from './on-table.ts'

export type IndexOperation = CreateIndex | DropIndex | Reindex | RenameIndex

export interface CreateIndex extends OnTable {
  readonly kind: 'createIndex'
  readonly index: IndexDefinition
  /** Without blocking writes; not in a transaction. */
  readonly concurrently?: boolean
}

export interface DropIndex extends OnTable {
  readonly kind: 'dropIndex'
  readonly name: string
  /** Without blocking queries; not in a transaction. */
  readonly concurrently?: boolean
  readonly was?: IndexDefinition
}

export interface RenameIndex extends OnTable {
  readonly kind: 'renameIndex'
  readonly from: string
  readonly to: string
}

export interface Reindex {
  readonly kind: 'reindex'
  /** One index, or all of a table. */
  readonly target: { readonly index: QualifiedName } | { readonly table: QualifiedName }
  /** Without blocking writes; not in a transaction. */
  readonly concurrently?: boolean
}

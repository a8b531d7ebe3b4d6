import type { QualifiedName, StorageParameters } from './definitions.ts'
import type { Replace } from './replace.ts'
import type { Was } from './was.ts'

export type ViewOperation =
  | CreateMaterializedView
  | CreateView
  | DropMaterializedView
  | DropView
  | RefreshMaterializedView
  | RenameMaterializedView
  | RenameView

export interface ViewDefinition {
  readonly query: string
  /** Default: the names that the query gives. */
  readonly columns?: readonly string[]
  readonly recursive?: boolean
  readonly temporary?: boolean
  readonly securityBarrier?: boolean
  readonly securityInvoker?: boolean
  readonly checkOption?: 'CASCADED' | 'LOCAL'
}

export interface CreateView extends ViewDefinition {
  readonly kind: 'createView'
  readonly view: QualifiedName
  readonly replace?: Replace
  /** The view that it replaces. */
  readonly was?: ViewDefinition
}

export interface RenameView {
  readonly kind: 'renameView'
  readonly view: QualifiedName
  readonly to: string
}

export interface DropView {
  readonly kind: 'dropView'
  readonly view: QualifiedName
  readonly was?: Was<ViewDefinition>
}

export interface MaterializedViewDefinition {
  readonly query: string
  /** Default: the names that the query gives. */
  readonly columns?: readonly string[]
  readonly with?: StorageParameters
  readonly tablespace?: string
  /** `false`: stays empty, and cannot be read, until it is refreshed. Default: `true`. */
  readonly withData?: boolean
}

export interface CreateMaterializedView extends MaterializedViewDefinition {
  readonly kind: 'createMaterializedView'
  readonly view: QualifiedName
}

export interface RefreshMaterializedView {
  readonly kind: 'refreshMaterializedView'
  readonly view: QualifiedName
  /** Without blocking queries; needs a unique index. */
  readonly concurrently?: boolean
  readonly withData?: boolean
}

export interface RenameMaterializedView {
  readonly kind: 'renameMaterializedView'
  readonly view: QualifiedName
  readonly to: string
}

export interface DropMaterializedView {
  readonly kind: 'dropMaterializedView'
  readonly view: QualifiedName
  readonly was?: Was<MaterializedViewDefinition>
}

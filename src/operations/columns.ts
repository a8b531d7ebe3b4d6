import type {
  ColumnDefinition,
  DefaultDefinition,
  IdentityDefinition,
  QualifiedName,
} from './definitions.ts'
import type { OnColumn, OnTable } from './on-table.ts'
import type { Operation } from './operation.ts'

export type ColumnOperation =
  | AddColumn
  | AddIdentity
  | AlterColumnType
  | DropColumn
  | DropDefault
  | DropIdentity
  | Fill
  | RenameColumn
  | SetDefault
  | SetNotNull
  | SetNullable
  | SetStorage

export interface AddColumn extends OnTable {
  readonly kind: 'addColumn'
  readonly column: ColumnDefinition
}

export interface DropColumn extends OnColumn {
  readonly kind: 'dropColumn'
  /** Also drops what depends on it: views, foreign keys of other tables. */
  readonly cascade?: boolean
  /** Nothing happens where there is no such column. */
  readonly ifExists?: boolean
  /** The column, and what goes with it: its constraints, indexes and comment. */
  readonly was?: ColumnDefinition & { readonly followedBy?: readonly Operation[] }
}

export interface RenameColumn extends OnTable {
  readonly kind: 'renameColumn'
  readonly from: string
  readonly to: string
}

export interface AlterColumnType extends OnColumn {
  readonly kind: 'alterColumnType'
  readonly type: string
  /** An expression that turns the old value into the new one. */
  readonly using?: string
  /** The value is cast, as in `USING column::type`. */
  readonly isCast?: boolean
  readonly collate?: QualifiedName
  readonly was?: {
    readonly type: string
    readonly using?: string
    readonly collate?: QualifiedName
    /** The way back is a cast. */
    readonly isCast?: boolean
  }
}

export interface SetNotNull extends OnColumn {
  readonly kind: 'setNotNull'
}

export interface SetNullable extends OnColumn {
  readonly kind: 'setNullable'
}

export interface SetDefault extends OnColumn {
  readonly kind: 'setDefault'
  readonly default: DefaultDefinition
  /** The default before; `null` where there was none. */
  readonly was?: DefaultDefinition | null
}

export interface DropDefault extends OnColumn {
  readonly kind: 'dropDefault'
  /** The default before; `null` where there was none. */
  readonly was?: DefaultDefinition | null
}

export interface AddIdentity extends OnColumn {
  readonly kind: 'addIdentity'
  readonly identity: IdentityDefinition
}

export interface DropIdentity extends OnColumn {
  readonly kind: 'dropIdentity'
  readonly was?: IdentityDefinition
}

export type ColumnStorage = 'EXTENDED' | 'EXTERNAL' | 'MAIN' | 'PLAIN'

export interface SetStorage extends OnColumn {
  readonly kind: 'setStorage'
  readonly storage: ColumnStorage
  readonly was?: ColumnStorage
}

export interface Fill extends OnColumn {
  readonly kind: 'fill'
  /** What the rows get that have NULL there. */
  readonly value: DefaultDefinition
}

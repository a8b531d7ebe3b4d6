import type {
  CheckDefinition,
  ExcludeDefinition,
  ForeignKeyDefinition,
  PrimaryKeyDefinition,
  UniqueDefinition,
} from './definitions.ts'
import type { OnTable } from './on-table.ts'

export type ConstraintOperation =
  | AddCheck
  | AddExclude
  | AddForeignKey
  | AddPrimaryKey
  | AddUnique
  | DropCheck
  | DropExclude
  | DropForeignKey
  | DropPrimaryKey
  | DropUnique
  | RenameConstraint
  | ValidateConstraint

export interface AddPrimaryKey extends OnTable {
  readonly kind: 'addPrimaryKey'
  readonly constraint: PrimaryKeyDefinition
  /** Which of its columns allowed NULL before: the key makes them NOT NULL, for good. */
  readonly was?: { readonly nullable: readonly string[] }
}

export interface AddUnique extends OnTable {
  readonly kind: 'addUnique'
  readonly constraint: UniqueDefinition
}

export interface AddCheck extends OnTable {
  readonly kind: 'addCheck'
  readonly constraint: CheckDefinition
}

export interface AddForeignKey extends OnTable {
  readonly kind: 'addForeignKey'
  readonly constraint: ForeignKeyDefinition
}

export interface AddExclude extends OnTable {
  readonly kind: 'addExclude'
  readonly constraint: ExcludeDefinition
}

interface DropConstraint<Definition> extends OnTable {
  readonly name: string
  /** Also drops what depends on it: foreign keys that reference it. */
  readonly cascade?: boolean
  readonly was?: Definition
}

export interface DropPrimaryKey extends DropConstraint<PrimaryKeyDefinition> {
  readonly kind: 'dropPrimaryKey'
}

export interface DropUnique extends DropConstraint<UniqueDefinition> {
  readonly kind: 'dropUnique'
}

export interface DropCheck extends DropConstraint<CheckDefinition> {
  readonly kind: 'dropCheck'
}

export interface DropForeignKey extends DropConstraint<ForeignKeyDefinition> {
  readonly kind: 'dropForeignKey'
}

export interface DropExclude extends DropConstraint<ExcludeDefinition> {
  readonly kind: 'dropExclude'
}

export interface ValidateConstraint extends OnTable {
  readonly kind: 'validateConstraint'
  readonly name: string
}

export interface RenameConstraint extends OnTable {
  readonly kind: 'renameConstraint'
  readonly from: string
  readonly to: string
}

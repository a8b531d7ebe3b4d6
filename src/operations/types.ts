import type { QualifiedName } from './definitions.ts'
import type { DomainOperation } from './domains.ts'
import type { EnumDefinition, EnumOperation } from './enums.ts'
import type { Was } from './was.ts'

export type TypeOperation =
  | AddTypeAttribute
  | AlterTypeAttribute
  | CreateCompositeType
  | CreateRange
  | DomainOperation
  | DropType
  | DropTypeAttribute
  | DropTypeIfExists
  | EnumOperation
  | RenameType
  | RenameTypeAttribute

interface OnType {
  readonly type: QualifiedName
}

/** The type of a field of a composite type. */
export interface AttributeType {
  /** As written in SQL. */
  readonly type: string
  readonly collate?: QualifiedName
}

export interface AttributeDefinition extends AttributeType {
  readonly name: string
}

export interface CompositeDefinition {
  readonly attributes: readonly AttributeDefinition[]
}

export interface RangeDefinition {
  /** The type of the bounds, as written in SQL. */
  readonly subtype: string
  readonly subtypeOpclass?: QualifiedName
  readonly collation?: QualifiedName
  readonly canonical?: QualifiedName
  readonly subtypeDiff?: QualifiedName
  readonly multirangeName?: QualifiedName
}

/** What a type was made of: `values`, `attributes` or `subtype` says which sort of type it is. */
export type TypeDefinition = CompositeDefinition | EnumDefinition | RangeDefinition

export interface CreateCompositeType extends OnType, CompositeDefinition {
  readonly kind: 'createCompositeType'
}

export interface CreateRange extends OnType, RangeDefinition {
  readonly kind: 'createRange'
}

export interface RenameType extends OnType {
  readonly kind: 'renameType'
  /** The new name; a type stays in its schema when it is renamed. */
  readonly to: string
}

export interface DropType extends OnType {
  readonly kind: 'dropType'
  readonly was?: Was<TypeDefinition>
}

export interface DropTypeIfExists extends OnType {
  readonly kind: 'dropTypeIfExists'
}

interface OnAttribute extends OnType {
  /** Also changes the tables that were created `OF` this type. */
  readonly cascade?: boolean
}

export interface AddTypeAttribute extends OnAttribute {
  readonly kind: 'addTypeAttribute'
  readonly attribute: AttributeDefinition
}

export interface DropTypeAttribute extends OnAttribute {
  readonly kind: 'dropTypeAttribute'
  readonly attribute: string
  readonly was?: AttributeType
}

export interface RenameTypeAttribute extends OnAttribute {
  readonly kind: 'renameTypeAttribute'
  readonly from: string
  readonly to: string
}

export interface AlterTypeAttribute extends OnAttribute {
  readonly kind: 'alterTypeAttribute'
  readonly attribute: string
  readonly to: AttributeType
  readonly was?: AttributeType
}

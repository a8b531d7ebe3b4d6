import type { QualifiedName } from './definitions.ts'

export type EnumOperation = AddTypeValue | CreateType | RenameTypeValue | ReplaceType

export interface EnumDefinition {
  /** In their sort order. */
  readonly values: readonly string[]
}

export interface CreateType extends EnumDefinition {
  readonly kind: 'createType'
  readonly type: QualifiedName
}

export interface AddTypeValue {
  readonly kind: 'addTypeValue'
  readonly type: QualifiedName
  readonly value: string
  /** The value that it stands in front of. Without `before` and `after` it comes last. */
  readonly before?: string
  readonly after?: string
  /** The values before. */
  readonly was?: EnumDefinition
}

export interface RenameTypeValue {
  readonly kind: 'renameTypeValue'
  readonly type: QualifiedName
  readonly from: string
  readonly to: string
}

export interface ReplaceType extends EnumDefinition {
  readonly kind: 'replaceType'
  readonly type: QualifiedName
  /** What an old value becomes. */
  readonly map?: Readonly<Record<string, string>>
  /** The values before. */
  readonly was?: EnumDefinition
}

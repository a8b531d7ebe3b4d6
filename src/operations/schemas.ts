import type { RoleName } from './roles.ts'
import type { Was } from './was.ts'

export type SchemaOperation =
  | CreateExtension
  | CreateSchema
  | DropExtension
  | DropSchema
  | RenameSchema

export interface SchemaDefinition {
  /** Who owns it. Default: the current user. */
  readonly authorization?: RoleName
}

export interface CreateSchema extends SchemaDefinition {
  readonly kind: 'createSchema'
  readonly schema: string
}

export interface RenameSchema {
  readonly kind: 'renameSchema'
  readonly schema: string
  readonly to: string
}

export interface DropSchema {
  readonly kind: 'dropSchema'
  readonly schema: string
  /** With everything in it. */
  readonly cascade?: boolean
  readonly was?: Was<SchemaDefinition>
}

export interface ExtensionDefinition {
  /** Where its objects go. Default: what the extension says, or the first schema of the search path. */
  readonly schema?: string
  readonly version?: string
}

export interface CreateExtension extends ExtensionDefinition {
  readonly kind: 'createExtension'
  readonly extension: string
  /** With the extensions that it needs. */
  readonly cascade?: boolean
}

export interface DropExtension {
  readonly kind: 'dropExtension'
  readonly extension: string
  /** With everything that uses it. */
  readonly cascade?: boolean
  readonly was?: Was<ExtensionDefinition>
}

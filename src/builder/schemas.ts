import type { ExtensionDefinition, SchemaDefinition } from '../operations/schemas.ts'
import { checkIdentifier } from '../sql/identifier.ts'
import { literal } from '../sql/literal.ts'
import { parseRole } from './roles.ts'
import type { RoleInput } from './roles.ts'

export interface SchemaOptions {
  /** Who owns the schema. Default: the role that creates it. */
  readonly authorization?: RoleInput
}

export interface ExtensionOptions {
  /** Where its objects go. Default: what the extension says, or the first schema of the search path. */
  readonly schema?: string
  /** Default: the one that the server holds to be current. */
  readonly version?: string
}

export function schemaDefinition({ authorization }: SchemaOptions): SchemaDefinition {
  return authorization === undefined ? {} : { authorization: parseRole(authorization) }
}

export function extensionDefinition({ schema, version }: ExtensionOptions): ExtensionDefinition {
  if (schema !== undefined) checkIdentifier(schema)
  if (version !== undefined) literal(version)
  return { ...(schema !== undefined && { schema }), ...(version !== undefined && { version }) }
}

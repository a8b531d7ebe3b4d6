import type { QualifiedName } from './definitions.ts'

export type CommentOperation = Comment

/** What a comment stands on. `Name` is how a name that may carry its schema is written. */
export type CommentTargetOf<Name> =
  | { readonly table: Name }
  /** A column of a table, a view, a materialized view or a composite type. */
  | { readonly table: Name; readonly column: string }
  | { readonly view: Name }
  | { readonly materializedView: Name }
  | { readonly index: Name }
  | { readonly constraint: string; readonly table: Name }
  | { readonly constraint: string; readonly domain: Name }
  /** Without `args` the name must belong to one function only. */
  | { readonly function: Name; readonly args?: readonly string[] }
  | { readonly procedure: Name; readonly args?: readonly string[] }
  | {
      readonly aggregate: Name
      readonly args: readonly string[]
      readonly orderBy?: readonly string[]
    }
  | { readonly trigger: string; readonly table: Name }
  | { readonly policy: string; readonly table: Name }
  | { readonly type: Name }
  | { readonly domain: Name }
  | { readonly sequence: Name }
  | { readonly schema: string }
  | { readonly extension: string }
  | { readonly role: string }
  | { readonly eventTrigger: string }
  | { readonly publication: string }

export type CommentTarget = CommentTargetOf<QualifiedName>

export interface Comment {
  readonly kind: 'comment'
  readonly on: CommentTarget
  readonly text: string | null
  /** The comment before it; `null` where there was none. */
  readonly was?: string | null
}

import type { QualifiedName } from './definitions.ts'
import type { RoleName } from './roles.ts'

export type PrivilegeOperation = Grant | GrantDefault | Revoke | RevokeDefault | SetOwner

export type Privilege =
  | 'ALL'
  | 'CONNECT'
  | 'CREATE'
  | 'DELETE'
  | 'EXECUTE'
  | 'INSERT'
  | 'MAINTAIN'
  | 'REFERENCES'
  | 'SELECT'
  | 'TEMPORARY'
  | 'TRIGGER'
  | 'TRUNCATE'
  | 'UPDATE'
  | 'USAGE'

/** What privileges are on. `Name` is how a name that may carry its schema is written. */
export type PrivilegeTargetOf<Name> =
  /** A table, a view or a materialized view. */
  | { readonly table: Name; readonly columns?: readonly string[] }
  | { readonly sequence: Name }
  /** Without `args` the name must belong to one function only. */
  | { readonly function: Name; readonly args?: readonly string[] }
  | { readonly procedure: Name; readonly args?: readonly string[] }
  | { readonly type: Name }
  | { readonly domain: Name }
  | { readonly schema: string }
  | { readonly database: string }
  | { readonly language: string }
  | { readonly foreignDataWrapper: string }
  | { readonly foreignServer: string }
  | { readonly tablespace: string }
  | { readonly allTablesInSchema: string }
  | { readonly allSequencesInSchema: string }
  | { readonly allFunctionsInSchema: string }
  | { readonly allProceduresInSchema: string }
  | { readonly allRoutinesInSchema: string }

export type PrivilegeTarget = PrivilegeTargetOf<QualifiedName>

/** What has an owner. */
export type OwnerTargetOf<Name> =
  | { readonly table: Name }
  | { readonly view: Name }
  | { readonly materializedView: Name }
  | { readonly sequence: Name }
  /** Without `args` the name must belong to one function only. */
  | { readonly function: Name; readonly args?: readonly string[] }
  | { readonly procedure: Name; readonly args?: readonly string[] }
  | {
      readonly aggregate: Name
      readonly args: readonly string[]
      readonly orderBy?: readonly string[]
    }
  | { readonly type: Name }
  | { readonly domain: Name }
  | { readonly schema: string }
  | { readonly database: string }
  | { readonly eventTrigger: string }
  | { readonly publication: string }
  | { readonly language: string }
  | { readonly foreignDataWrapper: string }
  | { readonly foreignServer: string }
  | { readonly tablespace: string }

export type OwnerTarget = OwnerTargetOf<QualifiedName>

export interface SetOwner {
  readonly kind: 'setOwner'
  readonly on: OwnerTarget
  readonly to: RoleName
  /** The owner before. */
  readonly was?: RoleName
}

/** Privileges that roles have. */
export interface HeldPrivileges {
  readonly privileges: readonly Privilege[]
  /** They may pass them on. */
  readonly withGrantOption?: boolean
}

export interface Grant extends HeldPrivileges {
  readonly kind: 'grant'
  readonly on: PrivilegeTarget
  readonly to: readonly RoleName[]
}

export interface Revoke {
  readonly kind: 'revoke'
  readonly privileges: readonly Privilege[]
  readonly on: PrivilegeTarget
  readonly from: readonly RoleName[]
  /** Default: the revoked privileges, unless that is `ALL`. */
  readonly was?: HeldPrivileges
}

export type DefaultPrivilegeTarget =
  | 'FUNCTIONS'
  | 'ROUTINES'
  | 'SCHEMAS'
  | 'SEQUENCES'
  | 'TABLES'
  | 'TYPES'

/** Which objects, not yet created, default privileges are on. */
export interface FutureObjects {
  readonly on: DefaultPrivilegeTarget
  /** Objects that this role creates. Default: the current role. */
  readonly forRole?: RoleName
  /** Only in these schemas. Default: everywhere. */
  readonly inSchemas?: readonly string[]
}

export interface GrantDefault extends HeldPrivileges, FutureObjects {
  readonly kind: 'grantDefault'
  readonly to: readonly RoleName[]
}

export interface RevokeDefault extends FutureObjects {
  readonly kind: 'revokeDefault'
  readonly privileges: readonly Privilege[]
  readonly from: readonly RoleName[]
  /** Default: the revoked privileges, unless that is `ALL`. */
  readonly was?: HeldPrivileges
}

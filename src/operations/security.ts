import type { OnTable } from './on-table.ts'
import type { RoleName } from './roles.ts'
import type { Was } from './was.ts'

export type SecurityOperation =
  | AlterPolicy
  | DisableRls
  | DropPolicy
  | EnableRls
  | Policy
  | RenamePolicy

export interface EnableRls extends OnTable {
  readonly kind: 'enableRls'
  /** For the owner of the table too. */
  readonly force?: boolean
}

export interface DisableRls extends OnTable {
  readonly kind: 'disableRls'
  /** Takes FORCE away too. */
  readonly force?: boolean
}

export interface PolicyDefinition {
  /** Default: `PERMISSIVE`. */
  readonly as?: 'PERMISSIVE' | 'RESTRICTIVE'
  readonly for: 'ALL' | 'DELETE' | 'INSERT' | 'SELECT' | 'UPDATE'
  readonly to: readonly RoleName[]
  /** Which rows are there for the role. */
  readonly using?: string
  /** Which rows the role may write. Default: `using`. */
  readonly withCheck?: string
}

interface OnPolicy extends OnTable {
  readonly policy: string
}

export interface Policy extends OnPolicy, PolicyDefinition {
  readonly kind: 'policy'
}

export interface PolicyChange {
  readonly to?: readonly RoleName[]
  readonly using?: string
  readonly withCheck?: string
}

export interface AlterPolicy extends OnPolicy {
  readonly kind: 'alterPolicy'
  readonly change: PolicyChange
  /** The policy before it, or at least what the change replaces. */
  readonly was?: Partial<PolicyDefinition>
}

export interface RenamePolicy extends OnPolicy {
  readonly kind: 'renamePolicy'
  readonly to: string
}

export interface DropPolicy extends OnPolicy {
  readonly kind: 'dropPolicy'
  readonly was?: Was<PolicyDefinition>
}

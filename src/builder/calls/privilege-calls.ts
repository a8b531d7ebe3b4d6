import { formerPrivileges, futureObjects, heldPrivileges, parsePrivileges } from '../privileges.ts'
import type {
  GrantDefaultOptions,
  GrantOptions,
  PrivilegesInput,
  RevokeDefaultOptions,
  RevokeOptions,
} from '../privileges.ts'
import { parseRole, parseRoles } from '../roles.ts'
import type { RoleInput } from '../roles.ts'
import { ownerTarget, privilegeTarget } from '../targets.ts'
import type { OwnerTargetInput } from '../targets.ts'
import { TriggerCalls } from './trigger-calls.ts'

/** Privileges and owners. */
export abstract class PrivilegeCalls extends TriggerCalls {
  /**
   * Gives roles privileges on an object.
   * Undone, the roles do not have them, unless the same migration shows that they had them before (on a table).
   *
   * @example
   * ```ts
   * builder.grant(['select', 'insert'], { on: { table: 'app.users' }, to: 'web' })
   * builder.grant('select', { on: { table: 'app.users', columns: ['id', 'name'] }, to: 'PUBLIC' })
   * builder.grant('usage', { on: { schema: 'app' }, to: ['web', 'reports'] })
   * ```
   */
  grant(privileges: PrivilegesInput, options: GrantOptions): this {
    return this.record({
      kind: 'grant',
      ...heldPrivileges(privileges, options),
      on: privilegeTarget(options.on),
      to: parseRoles(options.to),
    })
  }

  /**
   * Takes privileges on an object away from roles. Undone, the roles have them again.
   *
   * @example
   * ```ts
   * builder.revoke('insert', { on: { table: 'app.users' }, from: 'web' })
   * builder.revoke('all', { on: { schema: 'public' }, from: 'PUBLIC', was: { privileges: 'usage' } })
   * ```
   */
  revoke(privileges: PrivilegesInput, options: RevokeOptions): this {
    return this.record({
      kind: 'revoke',
      privileges: parsePrivileges(privileges),
      on: privilegeTarget(options.on),
      from: parseRoles(options.from),
      ...formerPrivileges(options),
    })
  }

  /**
   * Gives roles privileges on what is created from now on; what is there stays as it is.
   * Undone, they are not given any more.
   *
   * @example
   * ```ts
   * builder.grantDefault('select', { on: 'tables', inSchema: 'app', to: 'reports' })
   * ```
   */
  grantDefault(privileges: PrivilegesInput, options: GrantDefaultOptions): this {
    return this.record({
      kind: 'grantDefault',
      ...heldPrivileges(privileges, options),
      ...futureObjects(options),
      to: parseRoles(options.to),
    })
  }

  /**
   * Takes privileges on what is created from now on away from roles.
   * Undone, they are given again.
   *
   * @example
   * ```ts
   * builder.revokeDefault('execute', { on: 'functions', from: 'PUBLIC' })
   * ```
   */
  revokeDefault(privileges: PrivilegesInput, options: RevokeDefaultOptions): this {
    return this.record({
      kind: 'revokeDefault',
      privileges: parsePrivileges(privileges),
      ...futureObjects(options),
      from: parseRoles(options.from),
      ...formerPrivileges(options),
    })
  }

  /**
   * Gives an object to another role.
   *
   * @param on - `{ table }`, `{ view }`, `{ schema }`, `{ function, args }`, …
   * @param options - `was`: the owner before, so that this can be undone. What was made in the same
   *   migration needs it not.
   * @example
   * ```ts
   * builder.setOwner({ table: 'app.users' }, 'app_owner', { was: 'CURRENT_ROLE' })
   * ```
   */
  setOwner(on: OwnerTargetInput, to: RoleInput, options: { readonly was?: RoleInput } = {}): this {
    return this.record({
      kind: 'setOwner',
      on: ownerTarget(on),
      to: parseRole(to),
      ...(options.was !== undefined && { was: parseRole(options.was) }),
    })
  }
}

import { formerPrivileges, futureObjects, heldPrivileges, parsePrivileges } from '../privileges.ts'
import type {
  GrantDefaultOptions,
  GrantOptions,
  PrivilegesInput,
  RevokeDefaultOptions,
  RevokeOptions,
} from '../privileges.ts'
import { parseRoles } from '../roles.ts'
import { privilegeTarget } from '../targets.ts'
import { TriggerCalls } from './trigger-calls.ts'

/** Privileges. */
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
}

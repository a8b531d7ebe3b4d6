import { BuilderError } from '../../errors.ts'
import { checkIdentifier } from '../../sql/identifier.ts'
import { parseName } from '../names.ts'
import type { NameInput } from '../names.ts'
import { formerPolicy, policyChange } from '../policies.ts'
import type { PolicyChangeInput, PolicyInput } from '../policies.ts'
import { PrivilegeCalls } from './privilege-calls.ts'

/** Row level security. */
export abstract class SecurityCalls extends PrivilegeCalls {
  /**
   * From now on roles see and write only rows that a policy of the table allows: none, until there
   * is a policy. The owner of the table is not held to it without `force`, superusers never are.
   *
   * Undone, it is off, unless the same migration shows that it was on before.
   *
   * @example
   * ```ts
   * builder.enableRls('posts', { force: true })
   * ```
   */
  enableRls(table: NameInput, options: { readonly force?: boolean } = {}): this {
    return this.alterTable(table, (builder) => void builder.enableRls(options))
  }

  /**
   * Ends what `enableRls` began; the policies stay.
   * Undone, it is on.
   *
   * @param options - `force`: takes that away too.
   * @example
   * ```ts
   * builder.disableRls('posts', { force: true })
   * ```
   */
  disableRls(table: NameInput, options: { readonly force?: boolean } = {}): this {
    return this.alterTable(table, (builder) => void builder.disableRls(options))
  }

  /**
   * Creates a policy of row level security. It counts once `enableRls` was called on its table.
   *
   * @param name - Its name, once per table.
   * @example
   * ```ts
   * builder.policy('own_posts', 'posts', {
   *   for: 'update',
   *   to: 'web',
   *   using: `author_id = current_setting('app.user')::uuid`,
   * })
   * ```
   */
  policy(name: string, table: NameInput, options: PolicyInput): this {
    return this.alterTable(table, (builder) => void builder.policy(name, options))
  }

  /**
   * Changes the roles and expressions of a policy. Its command and `as` are fixed: for these, drop it
   * and create another.
   *
   * @param options - `was`: the policy before it, as far as the change replaces it, or all of it, so
   *   that this can be undone.
   * @example
   * ```ts
   * builder.alterPolicy('own_posts', 'posts', { to: ['web', 'api'] }, { was: { to: 'web' } })
   * ```
   */
  alterPolicy(
    name: string,
    table: NameInput,
    change: PolicyChangeInput,
    options: { readonly was?: PolicyInput } = {},
  ): this {
    checkIdentifier(name)
    const changes = policyChange(change)
    if (Object.keys(changes).length === 0) {
      throw new BuilderError('BAD_DEFINITION', {
        what: `alterPolicy() changes nothing of policy "${name}"`,
        fix: 'pass { to }, { using } or { withCheck }; to rename it call renamePolicy()',
      })
    }
    return this.record({
      kind: 'alterPolicy',
      table: parseName(table),
      policy: name,
      change: changes,
      ...(options.was && { was: formerPolicy(options.was) }),
    })
  }

  /**
   * Renames a policy.
   *
   * @example
   * ```ts
   * builder.renamePolicy('own_posts', 'posts', 'authors_write')
   * ```
   */
  renamePolicy(name: string, table: NameInput, to: string): this {
    checkIdentifier(name)
    checkIdentifier(to)
    return this.record({ kind: 'renamePolicy', table: parseName(table), policy: name, to })
  }

  /**
   * Drops a policy. While row level security is on, that can hide rows.
   *
   * @param options - `was`: what it was, so that this can be undone.
   * @example
   * ```ts
   * builder.dropPolicy('authors_write', 'posts')
   * ```
   */
  dropPolicy(name: string, table: NameInput, options: { readonly was?: PolicyInput } = {}): this {
    return this.alterTable(table, (builder) => void builder.dropPolicy(name, options))
  }
}

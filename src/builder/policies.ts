import { BuilderError } from '../errors.ts'
import type { PolicyChange, PolicyDefinition } from '../operations/security.ts'
import { assertOneOf, expression } from './parse.ts'
import { parseRoles } from './roles.ts'
import type { RoleInput } from './roles.ts'
import type { Sql } from './sql-fragment.ts'

/** What `alterPolicy` can change. */
export interface PolicyChangeInput {
  /** Whom it is for. */
  readonly to?: RoleInput | readonly RoleInput[]
  /** Which rows are there for them. */
  readonly using?: string | Sql
  /** Which rows they may write. Default: `using`. */
  readonly withCheck?: string | Sql
}

/** What a policy is besides its name and its table. Without `to` it is for all roles. */
export interface PolicyInput extends PolicyChangeInput {
  /** The command that it is for. Default: `all`. */
  readonly for?: 'all' | 'delete' | 'insert' | 'select' | 'update'
  /**
   * One permissive policy must allow a row, and every restrictive one. Default: `permissive`.
   */
  readonly as?: 'permissive' | 'restrictive'
}

export function policyDefinition(input: PolicyInput): PolicyDefinition {
  const command = assertOneOf(
    'for',
    ['ALL', 'DELETE', 'INSERT', 'SELECT', 'UPDATE'],
    input.for ?? 'all',
  )
  const { to, ...change } = policyChange(input)
  if (command === 'INSERT' && change.using !== undefined) {
    throw bad('a policy for insert cannot have { using }', 'write { withCheck } instead')
  }
  if ((command === 'SELECT' || command === 'DELETE') && change.withCheck !== undefined) {
    throw bad(
      `a policy for ${command.toLowerCase()} cannot have { withCheck }`,
      'write { using } instead',
    )
  }
  return {
    ...(input.as && { as: assertOneOf('as', ['PERMISSIVE', 'RESTRICTIVE'], input.as) }),
    for: command,
    to: to ?? [{ keyword: 'PUBLIC' }],
    ...change,
  }
}

export function policyChange({ to, using, withCheck }: PolicyChangeInput): PolicyChange {
  return {
    ...(to !== undefined && { to: parseRoles(to) }),
    ...(using !== undefined && { using: expression(using, 'using') }),
    ...(withCheck !== undefined && { withCheck: expression(withCheck, 'withCheck') }),
  }
}

/** What a policy was, in full or only as far as a change replaces it. */
export function formerPolicy(input: PolicyInput): Partial<PolicyDefinition> {
  return input.for === undefined ? policyChange(input) : policyDefinition(input)
}

function bad(what: string, fix: string): BuilderError {
  return new BuilderError('BAD_DEFINITION', { what, fix })
}

import { BuilderError } from '../errors.ts'
import type {
  DefaultPrivilegeTarget,
  FutureObjects,
  HeldPrivileges,
  Privilege,
} from '../operations/privileges.ts'
import { checkIdentifier } from '../sql/identifier.ts'
import { assertOneOf } from './parse.ts'
import { parseRole } from './roles.ts'
import type { RoleInput } from './roles.ts'
import type { PrivilegeTargetInput } from './targets.ts'

/** A privilege as `grant` takes it: `'select'`, `'usage'`, `'all'`, … */
export type PrivilegeInput = Lowercase<Privilege>

/** One privilege or several. */
export type PrivilegesInput = PrivilegeInput | readonly PrivilegeInput[]

interface GrantOption {
  /** The roles may pass the privileges on. Default: `false`. */
  readonly withGrantOption?: boolean
}

interface FormerPrivileges {
  /**
   * What the roles had, for the way back. Default: the revoked privileges; needed where these are
   * `'all'`.
   */
  readonly was?: GrantOption & { readonly privileges: PrivilegesInput }
}

export interface GrantOptions extends GrantOption {
  readonly on: PrivilegeTargetInput
  /** Who gets them; `'PUBLIC'` is everybody. */
  readonly to: RoleInput | readonly RoleInput[]
}

export interface RevokeOptions extends FormerPrivileges {
  readonly on: PrivilegeTargetInput
  /** Who loses them; `'PUBLIC'` is everybody. */
  readonly from: RoleInput | readonly RoleInput[]
}

interface FutureObjectsInput {
  readonly on: Lowercase<DefaultPrivilegeTarget>
  /** Objects that this role creates. Default: the role that runs the migration. */
  readonly forRole?: RoleInput
  /** Only in this schema, or these. Default: in all. */
  readonly inSchema?: string | readonly string[]
}

export interface GrantDefaultOptions extends FutureObjectsInput, GrantOption {
  readonly to: RoleInput | readonly RoleInput[]
}

export interface RevokeDefaultOptions extends FutureObjectsInput, FormerPrivileges {
  readonly from: RoleInput | readonly RoleInput[]
}

const PRIVILEGES: readonly Privilege[] = [
  'ALL',
  'CONNECT',
  'CREATE',
  'DELETE',
  'EXECUTE',
  'INSERT',
  'MAINTAIN',
  'REFERENCES',
  'SELECT',
  'TEMPORARY',
  'TRIGGER',
  'TRUNCATE',
  'UPDATE',
  'USAGE',
]

const FUTURE: readonly DefaultPrivilegeTarget[] = [
  'FUNCTIONS',
  'ROUTINES',
  'SCHEMAS',
  'SEQUENCES',
  'TABLES',
  'TYPES',
]

export function parsePrivileges(input: PrivilegesInput): Privilege[] {
  const list = typeof input === 'string' ? [input] : input
  const privileges = list.map((one) => assertOneOf('privileges', PRIVILEGES, one))
  if (privileges.length === 0) {
    throw bad('a list of privileges is empty', "name at least one, such as 'select'")
  }
  if (privileges.includes('ALL') && privileges.length > 1) {
    throw bad("'all' stands alone in a list of privileges", "write 'all', or the others")
  }
  return privileges
}

export function heldPrivileges(
  privileges: PrivilegesInput,
  { withGrantOption }: GrantOption,
): HeldPrivileges {
  return {
    privileges: parsePrivileges(privileges),
    ...(withGrantOption && { withGrantOption }),
  }
}

export function formerPrivileges({ was }: FormerPrivileges): { was?: HeldPrivileges } {
  return was === undefined ? {} : { was: heldPrivileges(was.privileges, was) }
}

export function futureObjects({ on, forRole, inSchema }: FutureObjectsInput): FutureObjects {
  const objects = assertOneOf('on', FUTURE, on)
  const inSchemas = typeof inSchema === 'string' ? [inSchema] : inSchema
  inSchemas?.forEach(checkIdentifier)
  if (inSchemas?.length === 0) {
    throw bad('the list of schemas is empty', 'name a schema, or leave out { inSchema }')
  }
  if (objects === 'SCHEMAS' && inSchemas) {
    throw bad('schemas are not created in schemas', 'leave out { inSchema }')
  }
  return {
    on: objects,
    ...(forRole !== undefined && { forRole: parseRole(forRole) }),
    ...(inSchemas && { inSchemas: [...inSchemas] }),
  }
}

function bad(what: string, fix: string): BuilderError {
  return new BuilderError('BAD_DEFINITION', { what, fix })
}

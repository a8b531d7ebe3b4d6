import type {
  FutureObjects,
  Privilege,
  PrivilegeOperation,
  PrivilegeTarget,
} from '../operations/privileges.ts'
import { columnList } from './columns.ts'
import type { Compilers } from './compilers.ts'
import { identifier } from './identifier.ts'
import { roleList, roleName } from './roles.ts'
import { target } from './targets.ts'
import { words } from './words.ts'

export const privilegeCompilers: Compilers<PrivilegeOperation> = {
  grant: (op) =>
    words(
      `GRANT ${privilegeList(op.privileges, op.on)} ON ${target(op.on)} TO ${roleList(op.to)}`,
      op.withGrantOption && 'WITH GRANT OPTION',
    ),

  revoke: (op) =>
    `REVOKE ${privilegeList(op.privileges, op.on)} ON ${target(op.on)} FROM ${roleList(op.from)}`,

  grantDefault: (op) =>
    words(
      alterDefaults(op),
      `GRANT ${op.privileges.join(', ')} ON ${op.on} TO ${roleList(op.to)}`,
      op.withGrantOption && 'WITH GRANT OPTION',
    ),

  revokeDefault: (op) =>
    words(
      alterDefaults(op),
      `REVOKE ${op.privileges.join(', ')} ON ${op.on} FROM ${roleList(op.from)}`,
    ),

  setOwner: (op) => `ALTER ${target(op.on)} OWNER TO ${roleName(op.to)}`,
}

function privilegeList(privileges: readonly Privilege[], on: PrivilegeTarget): string {
  const columns = 'columns' in on && on.columns ? ` ${columnList(on.columns)}` : ''
  return privileges.map((privilege) => privilege + columns).join(', ')
}

function alterDefaults({ forRole, inSchemas }: FutureObjects): string {
  return words(
    'ALTER DEFAULT PRIVILEGES',
    forRole && `FOR ROLE ${roleName(forRole)}`,
    inSchemas && `IN SCHEMA ${inSchemas.map(identifier).join(', ')}`,
  )
}

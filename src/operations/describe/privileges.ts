import type { FutureObjects, Privilege, PrivilegeOperation } from '../privileges.ts'
import type { Describers } from './describers.ts'
import { roles, target } from './targets.ts'
import { quote } from './words.ts'

export const privilegeDescribers: Describers<PrivilegeOperation> = {
  grant: (op) => `grant ${verbs(op.privileges)} on ${target(op.on)} to ${roles(op.to)}`,
  grantDefault: (op) => `grant ${verbs(op.privileges)} on ${future(op)} to ${roles(op.to)}`,
  revoke: (op) => `revoke ${verbs(op.privileges)} on ${target(op.on)} from ${roles(op.from)}`,
  revokeDefault: (op) => `revoke ${verbs(op.privileges)} on ${future(op)} from ${roles(op.from)}`,
  setOwner: (op) => `give ${target(op.on)} to ${roles([op.to])}`,
}

function verbs(privileges: readonly Privilege[]): string {
  return privileges.map((privilege) => privilege.toLowerCase()).join(', ')
}

function future({ on, forRole, inSchemas }: FutureObjects): string {
  return [
    `future ${on.toLowerCase()}`,
    ...(forRole ? [`of ${roles([forRole])}`] : []),
    ...(inSchemas ? [`in schema ${inSchemas.map(quote).join(', ')}`] : []),
  ].join(' ')
}

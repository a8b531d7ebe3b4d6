import type { HeldPrivileges, PrivilegeOperation, Revoke, RevokeDefault } from '../privileges.ts'
import type { Inverters } from './inverters.ts'
import { irreversible, recorded } from './recorded.ts'

export const privilegeInverters: Inverters<PrivilegeOperation> = {
  grant: ({ on, to, ...held }) => ({
    kind: 'revoke',
    privileges: held.privileges,
    on,
    from: to,
    was: before(held),
  }),
  grantDefault: ({ kind: _kind, to, privileges, withGrantOption, ...objects }) => ({
    kind: 'revokeDefault',
    privileges,
    ...objects,
    from: to,
    was: before({ privileges, ...(withGrantOption && { withGrantOption }) }),
  }),
  revoke: (operation) => ({
    kind: 'grant',
    ...held(operation),
    on: operation.on,
    to: operation.from,
  }),
  revokeDefault: (operation) => {
    const { kind: _kind, privileges: _privileges, from, was: _was, ...objects } = operation
    return { kind: 'grantDefault', ...held(operation), ...objects, to: from }
  },
  setOwner: (operation) => ({
    kind: 'setOwner',
    on: operation.on,
    to: recorded(operation, 'the owner before it'),
    was: operation.to,
  }),
}

function before({ privileges, withGrantOption }: HeldPrivileges): HeldPrivileges {
  return { privileges, ...(withGrantOption && { withGrantOption }) }
}

/** ALL takes away what was there, and giving ALL back could be more than that. */
function held(operation: Revoke | RevokeDefault): HeldPrivileges {
  const { privileges, was } = operation
  if (was) return was
  if (privileges.includes('ALL')) throw irreversible(operation, 'which privileges the role had')
  return { privileges }
}

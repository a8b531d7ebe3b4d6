import type { RoleName } from '../operations/roles.ts'
import { identifier } from './identifier.ts'

/** A role as it stands in SQL: quoted, unless SQL has a word for it. */
export function roleName(role: RoleName): string {
  return 'keyword' in role ? role.keyword : identifier(role.name)
}

export function roleList(roles: readonly RoleName[]): string {
  return roles.map(roleName).join(', ')
}

import type { CommentTarget } from '../comments.ts'
import type { OwnerTarget, PrivilegeTarget } from '../privileges.ts'
import type { RoleName } from '../roles.ts'
import { targetKey, targetName } from '../targets.ts'
import { full, list, quote } from './words.ts'

/** `column "a" of table "b"`, `all tables in schema "c"`, and so on. */
export function target(on: CommentTarget | OwnerTarget | PrivilegeTarget): string {
  const key = targetKey(on)
  const name = targetName(on, key)
  const text = `${spaced(key)} ${typeof name === 'string' ? quote(name) : full(name)}`
  if ('columns' in on && on.columns) return `columns ${list(on.columns)} of ${text}`
  if ('orderBy' in on && on.orderBy) {
    return text + list([...on.args, `order by ${on.orderBy.join(', ')}`])
  }
  if ('args' in on && on.args) return text + list(on.args)
  if (key !== 'table' && 'table' in on) return `${text} of table ${full(on.table)}`
  if (key !== 'domain' && 'domain' in on) return `${text} of domain ${full(on.domain)}`
  return text
}

/** `materializedView` as words. */
function spaced(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

export function roles(names: readonly RoleName[]): string {
  return names.map((role) => ('keyword' in role ? role.keyword : quote(role.name))).join(', ')
}

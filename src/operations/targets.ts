import type { QualifiedName } from './definitions.ts'

/** All keys of a union, not only those that its members share. */
type KeyOf<Union> = Union extends unknown ? keyof Union : never

/** Keys that name something of the table, domain or routine that stands beside them. */
const PARTS = ['column', 'constraint', 'policy', 'trigger'] as const
/** Keys that say more about the object which another key names. */
const DETAILS: readonly string[] = ['args', 'columns', 'orderBy']

export type TargetKey<Target> = Exclude<KeyOf<Target>, 'args' | 'columns' | 'orderBy'>

/** The key of a target that says what it is: `policy` of `{ policy: 'own', table: 'posts' }`. */
export function targetKey<Target extends object>(on: Target): TargetKey<Target> {
  const key =
    PARTS.find((part) => part in on) ?? Object.keys(on).find((other) => !DETAILS.includes(other))
  return key as TargetKey<Target>
}

/** The name that stands at that key. */
export function targetName(on: object, key: PropertyKey): QualifiedName | string {
  return (on as Record<PropertyKey, QualifiedName | string>)[key] as QualifiedName | string
}

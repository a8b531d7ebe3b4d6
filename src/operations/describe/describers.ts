import type { Operation } from '../operation.ts'

/** For each kind of a group, its line for people. A missing kind does not compile. */
export type Describers<Group extends Operation> = {
  readonly [K in Group['kind']]: (operation: Extract<Group, { kind: K }>) => string
}

import type { Operation } from '../operations/operation.ts'

/** For each kind of a group, its SQL. A missing kind does not compile. */
export type Compilers<Group extends Operation> = {
  readonly [K in Group['kind']]: (operation: Extract<Group, { kind: K }>) => string
}

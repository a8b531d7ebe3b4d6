import type { Operation } from '../operation.ts'

/**
 * For each kind of a group, what undoes it: an operation, several in order, or `undefined` where there is nothing to undo. A missing
 * kind does not compile.
 */
export type Inverters<Group extends Operation> = {
  readonly [K in Group['kind']]: (
    operation: Extract<Group, { kind: K }>,
  ) => Operation | readonly Operation[] | undefined
}

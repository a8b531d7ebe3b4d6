import { columnInverters } from './invert/columns.ts'
import { commentInverters } from './invert/comments.ts'
import { constraintInverters } from './invert/constraints.ts'
import { eventTriggerInverters } from './invert/event-triggers.ts'
import { indexInverters } from './invert/indexes.ts'
import type { Inverters } from './invert/inverters.ts'
import { privilegeInverters } from './invert/privileges.ts'
import { publicationInverters } from './invert/publications.ts'
import { rawInverters } from './invert/raw.ts'
import { routineInverters } from './invert/routines.ts'
import { schemaInverters } from './invert/schemas.ts'
import { securityInverters } from './invert/security.ts'
import { sequenceInverters } from './invert/sequences.ts'
import { tableInverters } from './invert/tables.ts'
import { triggerInverters } from './invert/triggers.ts'
import { typeInverters } from './invert/types.ts'
import { viewInverters } from './invert/views.ts'
import type { Operation } from './operation.ts'

const inverters: Inverters<Operation> = {
  ...columnInverters,
  ...commentInverters,
  ...constraintInverters,
  ...eventTriggerInverters,
  ...indexInverters,
  ...privilegeInverters,
  ...publicationInverters,
  ...rawInverters,
  ...routineInverters,
  ...schemaInverters,
  ...securityInverters,
  ...sequenceInverters,
  ...tableInverters,
  ...triggerInverters,
  ...typeInverters,
  ...viewInverters,
}

/**
 * The operations that undo this one, in order; none when there is nothing to undo.
 *
 * @throws {IrreversibleError} when what the operation destroys is not recorded in it.
 */
export function invert(operation: Operation): readonly Operation[] {
  const inverter = inverters[operation.kind] as (
    operation: Operation,
  ) => Operation | readonly Operation[] | undefined
  const inverse = inverter(operation)
  if (inverse === undefined) return []
  return isList(inverse) ? inverse : [inverse]
}

function isList(inverse: Operation | readonly Operation[]): inverse is readonly Operation[] {
  return Array.isArray(inverse)
}

/**
 * The operations that undo these, last one first.
 *
 * @throws {IrreversibleError} naming the first operation that cannot be undone.
 */
export function invertAll(operations: readonly Operation[]): Operation[] {
  return operations.toReversed().flatMap(invert)
}

import { columnDescribers } from './describe/columns.ts'
import { commentDescribers } from './describe/comments.ts'
import { constraintDescribers } from './describe/constraints.ts'
import type { Describers } from './describe/describers.ts'
import { eventTriggerDescribers } from './describe/event-triggers.ts'
import { indexDescribers } from './describe/indexes.ts'
import { privilegeDescribers } from './describe/privileges.ts'
import { publicationDescribers } from './describe/publications.ts'
import { rawDescribers } from './describe/raw.ts'
import { routineDescribers } from './describe/routines.ts'
import { schemaDescribers } from './describe/schemas.ts'
import { securityDescribers } from './describe/security.ts'
import { sequenceDescribers } from './describe/sequences.ts'
import { tableDescribers } from './describe/tables.ts'
import { triggerDescribers } from './describe/triggers.ts'
import { typeDescribers } from './describe/types.ts'
import { viewDescribers } from './describe/views.ts'
import type { Operation } from './operation.ts'

const describers: Describers<Operation> = {
  ...columnDescribers,
  ...commentDescribers,
  ...constraintDescribers,
  ...eventTriggerDescribers,
  ...indexDescribers,
  ...privilegeDescribers,
  ...publicationDescribers,
  ...rawDescribers,
  reversible: (operation) => describe(operation.operation),
  ...routineDescribers,
  ...schemaDescribers,
  ...securityDescribers,
  ...sequenceDescribers,
  ...tableDescribers,
  ...triggerDescribers,
  ...typeDescribers,
  ...viewDescribers,
}

/** One line for people: `add column "email" to table "users"`. */
export function describe(operation: Operation): string {
  const describer = describers[operation.kind] as (operation: Operation) => string
  return describer(operation)
}

import type { Operation } from '../operations/operation.ts'
import { backfill } from './backfill.ts'
import { columnCompilers } from './columns.ts'
import { commentCompilers } from './comments.ts'
import type { Compilers } from './compilers.ts'
import { constraintCompilers } from './constraints.ts'
import { eventTriggerCompilers } from './event-triggers.ts'
import { indexCompilers } from './indexes.ts'
import { privilegeCompilers } from './privileges.ts'
import { publicationCompilers } from './publications.ts'
import { routineCompilers } from './routines.ts'
import { schemaCompilers } from './schemas.ts'
import { securityCompilers } from './security.ts'
import { sequenceCompilers } from './sequences.ts'
import { tableCompilers } from './tables.ts'
import { triggerCompilers } from './triggers.ts'
import { typeCompilers } from './types.ts'
import { viewCompilers } from './views.ts'

const compilers: Compilers<Operation> = {
  ...columnCompilers,
  ...commentCompilers,
  ...constraintCompilers,
  ...eventTriggerCompilers,
  ...indexCompilers,
  ...privilegeCompilers,
  ...publicationCompilers,
  ...routineCompilers,
  ...schemaCompilers,
  ...securityCompilers,
  ...tableCompilers,
  ...triggerCompilers,
  ...sequenceCompilers,
  ...typeCompilers,
  ...viewCompilers,
  backfill,
  raw: (operation) => operation.sql,
  reversible: (operation) => compile(operation.operation),
}

/** The SQL of an operation: one statement, without a semicolon at its end. */
export function compile(operation: Operation): string {
  const compiler = compilers[operation.kind] as (operation: Operation) => string
  return compiler(operation)
}

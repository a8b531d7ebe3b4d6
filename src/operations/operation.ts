import type { ColumnOperation } from './columns.ts'
import type { CommentOperation } from './comments.ts'
import type { ConstraintOperation } from './constraints.ts'
import type { EventTriggerOperation } from './event-triggers.ts'
import type { IndexOperation } from './indexes.ts'
import type { PrivilegeOperation } from './privileges.ts'
import type { PublicationOperation } from './publications.ts'
import type { OtherOperation } from './raw.ts'
import type { RoutineOperation } from './routines.ts'
import type { SchemaOperation } from './schemas.ts'
import type { SecurityOperation } from './security.ts'
import type { SequenceOperation } from './sequences.ts'
import type { TableOperation } from './tables.ts'
import type { TriggerOperation } from './triggers.ts'
import type { TypeOperation } from './types.ts'
import type { ViewOperation } from './views.ts'

/**
 * What changes, as plain JSON-safe data. `kind` is the name of the builder method that records it.
 * What an operation destroys or replaces is kept as `was` where it is known, so that it can be
 * undone.
 */
export type Operation =
  | ColumnOperation
  | CommentOperation
  | ConstraintOperation
  | EventTriggerOperation
  | IndexOperation
  | PrivilegeOperation
  | PublicationOperation
  | OtherOperation
  | RoutineOperation
  | SchemaOperation
  | SecurityOperation
  | SequenceOperation
  | TableOperation
  | TriggerOperation
  | TypeOperation
  | ViewOperation

export type OperationKind = Operation['kind']
export type OperationOf<K extends OperationKind> = Extract<Operation, { kind: K }>

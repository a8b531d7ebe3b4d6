import type { QualifiedName } from './definitions.ts'
import type { Was } from './was.ts'

export type EventTriggerOperation = CreateEventTrigger | DropEventTrigger

export type DatabaseEvent =
  | 'DDL_COMMAND_END'
  | 'DDL_COMMAND_START'
  | 'LOGIN'
  | 'SQL_DROP'
  | 'TABLE_REWRITE'

export interface EventTriggerDefinition {
  readonly on: DatabaseEvent
  /** A function without arguments that returns `event_trigger`. */
  readonly execute: QualifiedName
  /** Only for these commands, such as `CREATE TABLE`. */
  readonly tags?: readonly string[]
}

export interface CreateEventTrigger extends EventTriggerDefinition {
  readonly kind: 'createEventTrigger'
  readonly eventTrigger: string
}

export interface DropEventTrigger {
  readonly kind: 'dropEventTrigger'
  readonly eventTrigger: string
  readonly was?: Was<EventTriggerDefinition>
}

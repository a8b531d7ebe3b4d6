import type { Deferral, QualifiedName } from './definitions.ts'
import { generatedName } from './generated-name.ts'
import type { OnColumn, OnTable } from './on-table.ts'
import type { Was } from './was.ts'

export type TriggerOperation =
  | CreateTrigger
  | DisableTrigger
  | DropTouchOnUpdate
  | DropTrigger
  | EnableTrigger
  | RenameTrigger
  | TouchOnUpdate

export type TriggerEvent =
  | 'DELETE'
  | 'INSERT'
  | 'TRUNCATE'
  | 'UPDATE'
  | { readonly update: readonly string[] }

export interface TriggerDefinition {
  readonly when: 'AFTER' | 'BEFORE' | 'INSTEAD OF'
  readonly events: readonly TriggerEvent[]
  /** Default: PostgreSQL's own, `STATEMENT`. */
  readonly forEach?: 'ROW' | 'STATEMENT'
  readonly condition?: string
  /** A function that returns `trigger`. */
  readonly execute: QualifiedName
  /** What the function finds in `TG_ARGV`. */
  readonly args?: readonly string[]
  /** A constraint trigger: may wait until the transaction ends. */
  readonly constraint?: boolean
  readonly deferrable?: Deferral
  /** The names under which the function sees the rows before and after. */
  readonly referencing?: { readonly oldTable?: string; readonly newTable?: string }
}

interface OnTrigger extends OnTable {
  readonly trigger: string
}

export interface CreateTrigger extends OnTrigger, TriggerDefinition {
  readonly kind: 'createTrigger'
  readonly replace?: true
  /** The trigger that it replaces. */
  readonly was?: TriggerDefinition
}

export interface DropTrigger extends OnTrigger {
  readonly kind: 'dropTrigger'
  readonly was?: Was<TriggerDefinition>
}

export interface RenameTrigger extends OnTrigger {
  readonly kind: 'renameTrigger'
  readonly to: string
}

/** When a trigger fires: `ORIGIN` unless rows are replicated, `REPLICA` only then. */
export type TriggerState = 'ALWAYS' | 'DISABLED' | 'ORIGIN' | 'REPLICA'

export interface EnableTrigger extends OnTrigger {
  readonly kind: 'enableTrigger'
  /** Default: `ORIGIN`. */
  readonly mode?: 'ALWAYS' | 'REPLICA'
  /** Default: `DISABLED`. */
  readonly was?: TriggerState
}

export interface DisableTrigger extends OnTrigger {
  readonly kind: 'disableTrigger'
  /** Default: `ORIGIN`. */
  readonly was?: TriggerState
}

/** Each UPDATE sets the column to the time of its transaction. */
export interface TouchOnUpdate extends OnColumn {
  readonly kind: 'touchOnUpdate'
}

export interface DropTouchOnUpdate extends OnColumn {
  readonly kind: 'dropTouchOnUpdate'
}

/** The name of the function, shared by the tables of a schema, and of the triggers that call it. */
export function touchName(column: string): string {
  return generatedName(['faasjs_pg_touch', column])
}

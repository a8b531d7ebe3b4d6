import type { DatabaseEvent, EventTriggerDefinition } from '../operations/event-triggers.ts'
import { literal } from '../sql/literal.ts'
import { parseName } from './names.ts'
import type { NameInput } from './names.ts'
import { assertOneOf } from './parse.ts'

export interface EventTriggerOptions {
  readonly on: Lowercase<DatabaseEvent>
  /** A function without arguments that returns `event_trigger`. */
  readonly execute: NameInput
  /** Only for these commands, such as `'CREATE TABLE'`. Default: all. */
  readonly tags?: readonly string[]
}

const EVENTS: readonly DatabaseEvent[] = [
  'DDL_COMMAND_END',
  'DDL_COMMAND_START',
  'LOGIN',
  'SQL_DROP',
  'TABLE_REWRITE',
]

export function eventTriggerDefinition(options: EventTriggerOptions): EventTriggerDefinition {
  const { on, execute, tags } = options
  tags?.forEach(literal)
  return {
    on: assertOneOf('on', EVENTS, on),
    execute: parseName(execute),
    ...(tags && { tags: [...tags] }),
  }
}

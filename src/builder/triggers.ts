import { BuilderError } from '../errors.ts'
import { defined } from '../operations/defined.ts'
import type { TriggerDefinition, TriggerEvent, TriggerState } from '../operations/triggers.ts'
import { checkIdentifier } from '../sql/identifier.ts'
import { literal } from '../sql/literal.ts'
import { deferral } from './constraint-options.ts'
import type { DeferrableOption } from './constraint-options.ts'
import { parseColumns, parseName } from './names.ts'
import type { NameInput } from './names.ts'
import { assertOneOf, expression } from './parse.ts'
import type { Sql } from './sql-fragment.ts'

/** What a trigger fires on; `{ update: ['a', 'b'] }` is an UPDATE that names one of these columns. */
export type TriggerEventInput =
  | 'delete'
  | 'insert'
  | 'truncate'
  | 'update'
  | { readonly update: string | readonly string[] }

/** What a trigger is besides its name and its table. */
export interface TriggerInput extends DeferrableOption {
  /** `instead of` is for views. */
  readonly when: 'after' | 'before' | 'instead of'
  readonly events: readonly TriggerEventInput[]
  /** Default: `statement`, as in PostgreSQL; `row` where only that is possible. */
  readonly forEach?: 'row' | 'statement'
  /** Fires only where this holds; sees the rows as `OLD` and `NEW`. */
  readonly condition?: string | Sql
  /** A function without arguments that returns `trigger`. */
  readonly execute: NameInput
  /** What the function finds in `TG_ARGV`. Default: nothing. */
  readonly args?: readonly string[]
  /** A constraint trigger, whose firing can be put off. Default: `false`. */
  readonly constraint?: boolean
  /** The names under which the function sees all rows before and after. */
  readonly referencing?: { readonly oldTable?: string; readonly newTable?: string }
}

export interface CreateTriggerOptions extends TriggerInput {
  /** Replaces a trigger of the same name. Default: `false`. */
  readonly replace?: boolean
  /** The trigger that it replaces, so that it can be undone. */
  readonly was?: TriggerInput
}

export function triggerDefinition(input: TriggerInput): TriggerDefinition {
  const when = assertOneOf('when', ['AFTER', 'BEFORE', 'INSTEAD OF'], input.when)
  const { condition, args, constraint, referencing } = input
  for (const name of Object.values(referencing ?? {})) checkIdentifier(name)
  args?.forEach(literal)
  const onlyRow = when === 'INSTEAD OF' || constraint === true
  const forEach = input.forEach ?? (onlyRow ? 'row' : undefined)
  if (onlyRow && forEach !== 'row') {
    throw bad(
      'a constraint trigger, or one instead of a write, fires for each row',
      "leave out { forEach }, or write { forEach: 'row' }",
    )
  }
  if (constraint && when !== 'AFTER') {
    throw bad('a constraint trigger fires after the change', "write { when: 'after' }")
  }
  if (input.deferrable !== undefined && !constraint) {
    throw bad('only a constraint trigger can be deferred', 'add { constraint: true }')
  }
  return {
    when,
    events: events(input.events),
    ...(forEach && { forEach: assertOneOf('forEach', ['ROW', 'STATEMENT'], forEach) }),
    ...(condition !== undefined && { condition: expression(condition, 'condition') }),
    execute: parseName(input.execute),
    ...(args && args.length > 0 && { args: [...args] }),
    ...(constraint && { constraint }),
    ...deferral(input),
    ...(referencing && { referencing: defined(referencing) }),
  }
}

/** The part of the operation that says how it replaces. */
export function triggerReplacement(options: CreateTriggerOptions): {
  replace?: true
  was?: TriggerDefinition
} {
  const { replace = false, constraint, was } = options
  if (!replace) {
    if (was === undefined) return {}
    throw bad(
      '{ was } says what is replaced, but nothing is',
      'add { replace: true }, or leave out { was }',
    )
  }
  if (constraint) {
    throw bad('PostgreSQL cannot replace a constraint trigger', 'drop it first, with dropTrigger()')
  }
  return { replace: true, ...(was !== undefined && { was: triggerDefinition(was) }) }
}

/** The state of a trigger before it was switched. */
export function formerState({ was }: { readonly was?: Lowercase<TriggerState> }): {
  was?: TriggerState
} {
  const states = ['ALWAYS', 'DISABLED', 'ORIGIN', 'REPLICA'] as const
  return was === undefined ? {} : { was: assertOneOf('was', states, was) }
}

const EVENTS = ['DELETE', 'INSERT', 'TRUNCATE', 'UPDATE'] as const

function events(input: readonly TriggerEventInput[]): TriggerEvent[] {
  if (input.length === 0) {
    throw bad('a trigger needs an event', "add one: { events: ['insert', 'update'] }")
  }
  return input.map((event) =>
    typeof event === 'object'
      ? { update: parseColumns(event.update) }
      : assertOneOf('events', EVENTS, event),
  )
}

function bad(what: string, fix: string): BuilderError {
  return new BuilderError('BAD_DEFINITION', { what, fix })
}

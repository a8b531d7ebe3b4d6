import type { TriggerState } from '../../operations/triggers.ts'
import { checkIdentifier } from '../../sql/identifier.ts'
import { parseName } from '../names.ts'
import type { NameInput } from '../names.ts'
import { assertOneOf } from '../parse.ts'
import { formerState, triggerDefinition, triggerReplacement } from '../triggers.ts'
import type { CreateTriggerOptions, TriggerInput } from '../triggers.ts'
import { AggregateCalls } from './aggregate-calls.ts'

/** Triggers. */
export abstract class TriggerCalls extends AggregateCalls {
  /**
   * Creates a trigger, or replaces one.
   *
   * @param name - Its name, once per table.
   * @param table - The table, or the view.
   * @example
   * ```ts
   * builder.createTrigger('check_stock', 'orders', {
   *   when: 'before',
   *   events: ['insert', { update: ['amount'] }],
   *   forEach: 'row',
   *   condition: 'NEW.amount > 0',
   *   execute: 'app.check_stock',
   * })
   * ```
   */
  createTrigger(name: string, table: NameInput, options: CreateTriggerOptions): this {
    checkIdentifier(name)
    return this.record({
      kind: 'createTrigger',
      table: parseName(table),
      trigger: name,
      ...triggerDefinition(options),
      ...triggerReplacement(options),
    })
  }

  /**
   * Renames a trigger.
   *
   * @example
   * ```ts
   * builder.renameTrigger('check_stock', 'orders', 'stock_is_there')
   * ```
   */
  renameTrigger(name: string, table: NameInput, to: string): this {
    checkIdentifier(name)
    checkIdentifier(to)
    return this.record({ kind: 'renameTrigger', table: parseName(table), trigger: name, to })
  }

  /**
   * Drops a trigger.
   *
   * @param options - `was`: what it was, so that this can be undone.
   * @example
   * ```ts
   * builder.dropTrigger('stock_is_there', 'orders')
   * ```
   */
  dropTrigger(name: string, table: NameInput, options: { readonly was?: TriggerInput } = {}): this {
    checkIdentifier(name)
    return this.record({
      kind: 'dropTrigger',
      table: parseName(table),
      trigger: name,
      ...(options.was && { was: triggerDefinition(options.was) }),
    })
  }

  /**
   * Lets a trigger fire again.
   *
   * @param options - `mode`: also (`always`) or only (`replica`) while rows are replicated. `was`: its
   *   state before, for the way back; default `disabled`.
   * @example
   * ```ts
   * builder.enableTrigger('stock_is_there', 'orders')
   * ```
   */
  enableTrigger(
    name: string,
    table: NameInput,
    options: {
      readonly mode?: 'always' | 'replica'
      readonly was?: Lowercase<TriggerState>
    } = {},
  ): this {
    checkIdentifier(name)
    const { mode } = options
    return this.record({
      kind: 'enableTrigger',
      table: parseName(table),
      trigger: name,
      ...(mode && { mode: assertOneOf('mode', ['ALWAYS', 'REPLICA'], mode) }),
      ...formerState(options),
    })
  }

  /**
   * Keeps a trigger from firing.
   *
   * @param options - `was`: its state before, for the way back; default `origin`.
   * @example
   * ```ts
   * builder.disableTrigger('stock_is_there', 'orders')
   * ```
   */
  disableTrigger(
    name: string,
    table: NameInput,
    options: { readonly was?: Lowercase<TriggerState> } = {},
  ): this {
    checkIdentifier(name)
    return this.record({
      kind: 'disableTrigger',
      table: parseName(table),
      trigger: name,
      ...formerState(options),
    })
  }

  /**
   * From now on every UPDATE sets a column to `now()`, also one that gives it another value. All
   * tables of a schema share one function, created with the first of them.
   * Undone, the trigger is dropped.
   *
   * @param options - `column`: a column for a date or a time. Default: `updated_at`.
   * @example
   * ```ts
   * builder.touchOnUpdate('users')
   * ```
   */
  touchOnUpdate(table: NameInput, options: { readonly column?: string } = {}): this {
    const { column = 'updated_at' } = options
    checkIdentifier(column)
    return this.record({ kind: 'touchOnUpdate', table: parseName(table), column })
  }

  /**
   * Ends what `touchOnUpdate` began. The function goes with the last table that uses it.
   * Undone, it begins again.
   *
   * @example
   * ```ts
   * builder.dropTouchOnUpdate('users')
   * ```
   */
  dropTouchOnUpdate(table: NameInput, options: { readonly column?: string } = {}): this {
    const { column = 'updated_at' } = options
    checkIdentifier(column)
    return this.record({ kind: 'dropTouchOnUpdate', table: parseName(table), column })
  }
}

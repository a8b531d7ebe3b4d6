import { parseName } from '../names.ts'
import type { NameInput } from '../names.ts'
import { newName } from '../new-name.ts'
import { replacement } from '../replacement.ts'
import {
  argumentTypes,
  assertSameArguments,
  functionDefinition,
  routineDefinition,
} from '../routines.ts'
import type {
  CreateFunctionOptions,
  CreateProcedureOptions,
  FunctionInput,
  RoutineInput,
} from '../routines.ts'
import { ViewCalls } from './view-calls.ts'

/** Functions and procedures. */
export abstract class RoutineCalls extends ViewCalls {
  /**
   * Creates a function, or replaces one.
   *
   * @example
   * ```ts
   * builder.createFunction('app.full_name', {
   *   args: [{ name: 'first', type: 'text' }, { name: 'last', type: 'text', default: '' }],
   *   returns: 'text',
   *   language: 'sql',
   *   volatility: 'immutable',
   *   body: `SELECT first || ' ' || last`,
   * })
   * ```
   */
  createFunction(name: NameInput, options: CreateFunctionOptions): this {
    const definition = functionDefinition(options)
    const replaced = replacement(options, functionDefinition)
    assertSameArguments(definition, replaced.was)
    return this.record({
      kind: 'createFunction',
      function: parseName(name),
      ...definition,
      ...replaced,
    })
  }

  /**
   * Renames a function; it stays in its schema.
   *
   * @param args - The types of its arguments, without those of mode `out`.
   * @example
   * ```ts
   * builder.renameFunction('app.full_name', ['text', 'text'], 'display_name')
   * ```
   */
  renameFunction(from: NameInput, args: readonly string[], to: NameInput): this {
    const name = parseName(from)
    return this.record({
      kind: 'renameFunction',
      function: name,
      args: argumentTypes(args),
      to: newName('function', name, to),
    })
  }

  /**
   * Drops a function.
   *
   * @param args - The types of its arguments, without those of mode `out`.
   * @param options - `was`: what it was, so that this can be undone.
   * @example
   * ```ts
   * builder.dropFunction('app.display_name', ['text', 'text'])
   * ```
   */
  dropFunction(
    name: NameInput,
    args: readonly string[],
    options: { readonly was?: FunctionInput } = {},
  ): this {
    return this.record({
      kind: 'dropFunction',
      function: parseName(name),
      args: argumentTypes(args),
      ...(options.was && { was: functionDefinition(options.was) }),
    })
  }

  /**
   * Creates a procedure, or replaces one.
   *
   * @example
   * ```ts
   * builder.createProcedure('app.archive', {
   *   args: [{ name: 'before', type: 'date' }],
   *   language: 'sql',
   *   body: 'DELETE FROM orders WHERE placed_at < before',
   * })
   * ```
   */
  createProcedure(name: NameInput, options: CreateProcedureOptions): this {
    const definition = routineDefinition(options)
    const replaced = replacement(options, (was) => routineDefinition(was))
    assertSameArguments(definition, replaced.was)
    return this.record({
      kind: 'createProcedure',
      procedure: parseName(name),
      ...definition,
      ...replaced,
    })
  }

  /**
   * Renames a procedure; it stays in its schema.
   *
   * @param args - The types of its arguments, without those of mode `out`.
   * @example
   * ```ts
   * builder.renameProcedure('app.archive', ['date'], 'archive_before')
   * ```
   */
  renameProcedure(from: NameInput, args: readonly string[], to: NameInput): this {
    const name = parseName(from)
    return this.record({
      kind: 'renameProcedure',
      procedure: name,
      args: argumentTypes(args),
      to: newName('procedure', name, to),
    })
  }

  /**
   * Drops a procedure.
   *
   * @param args - The types of its arguments, without those of mode `out`.
   * @param options - `was`: what it was, so that this can be undone.
   * @example
   * ```ts
   * builder.dropProcedure('app.archive_before', ['date'])
   * ```
   */
  dropProcedure(
    name: NameInput,
    args: readonly string[],
    options: { readonly was?: RoutineInput } = {},
  ): this {
    return this.record({
      kind: 'dropProcedure',
      procedure: parseName(name),
      args: argumentTypes(args),
      ...(options.was && { was: routineDefinition(options.was) }),
    })
  }
}

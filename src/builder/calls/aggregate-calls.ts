import { aggregateDefinition, aggregateTypes } from '../aggregates.ts'
import type { AggregateArguments, AggregateInput, CreateAggregateOptions } from '../aggregates.ts'
import { parseName } from '../names.ts'
import type { NameInput } from '../names.ts'
import { newName } from '../new-name.ts'
import { replacement } from '../replacement.ts'
import { RoutineCalls } from './routine-calls.ts'

/** Aggregates. */
export abstract class AggregateCalls extends RoutineCalls {
  /**
   * Creates an aggregate, or replaces one.
   *
   * @throws {BuilderError} for options that contradict each other.
   * @example
   * ```ts
   * builder.createAggregate('app.total', {
   *   args: ['integer'],
   *   stateFunction: 'pg_catalog.int4pl',
   *   stateType: 'integer',
   *   initial: '0',
   * })
   * ```
   */
  createAggregate(name: NameInput, options: CreateAggregateOptions): this {
    return this.record({
      kind: 'createAggregate',
      aggregate: parseName(name),
      ...aggregateDefinition(options),
      ...replacement(options, aggregateDefinition),
    })
  }

  /**
   * Renames an aggregate; it stays in its schema.
   *
   * @param args - The types of its arguments; a variadic one as `'VARIADIC text[]'`.
   * @param options - `orderBy`: the types after ORDER BY of an ordered-set aggregate.
   * @example
   * ```ts
   * builder.renameAggregate('app.total', ['integer'], 'sum_of_all')
   * ```
   */
  renameAggregate(
    from: NameInput,
    args: readonly string[],
    to: NameInput,
    options: AggregateArguments = {},
  ): this {
    const name = parseName(from)
    return this.record({
      kind: 'renameAggregate',
      aggregate: name,
      ...aggregateTypes(args, options),
      to: newName('aggregate', name, to),
    })
  }

  /**
   * Drops an aggregate.
   *
   * @param args - The types of its arguments; a variadic one as `'VARIADIC text[]'`.
   * @param options - `orderBy`: the types after ORDER BY of an ordered-set aggregate. `was`: what it
   *   was, so that this can be undone.
   * @example
   * ```ts
   * builder.dropAggregate('app.sum_of_all', ['integer'])
   * ```
   */
  dropAggregate(
    name: NameInput,
    args: readonly string[],
    options: AggregateArguments & { readonly was?: AggregateInput } = {},
  ): this {
    return this.record({
      kind: 'dropAggregate',
      aggregate: parseName(name),
      ...aggregateTypes(args, options),
      ...(options.was && { was: aggregateDefinition(options.was) }),
    })
  }
}

import { checkIdentifier } from '../../sql/identifier.ts'
import { parseName } from '../names.ts'
import type { NameInput } from '../names.ts'
import { partitionBound, partitionByDefinition } from '../partitions.ts'
import type { PartitionBoundInput, PartitionKeyInput } from '../partitions.ts'
import { Calls } from './calls.ts'

/** Whole tables: partitions, inheritance, schema, log. */
export abstract class PartitionCalls extends Calls {
  /**
   * Creates a partition of a table that was made with `partitionBy`.
   *
   * @param name - The partition.
   * @param of - The partitioned table.
   * @param bound - Which rows it takes.
   * @param options - `partitionBy`: how it is cut once more.
   * @example
   * ```ts
   * builder.createPartition('events_2026', 'events', { from: '2026-01-01', to: '2027-01-01' })
   * builder.createPartition('events_rest', 'events', 'default')
   * ```
   */
  createPartition(
    name: NameInput,
    of: NameInput,
    bound: PartitionBoundInput,
    options: {
      readonly partitionBy?: {
        readonly strategy: 'hash' | 'list' | 'range'
        readonly keys: PartitionKeyInput | readonly PartitionKeyInput[]
      }
    } = {},
  ): this {
    const { partitionBy } = options
    return this.record({
      kind: 'createPartition',
      table: parseName(name),
      of: parseName(of),
      bound: partitionBound(bound),
      ...(partitionBy && {
        partitionBy: partitionByDefinition(partitionBy.strategy, partitionBy.keys),
      }),
    })
  }

  /**
   * Makes a table a partition of another.
   *
   * @example
   * ```ts
   * builder.attachPartition('events', 'events_2025', { from: '2025-01-01', to: '2026-01-01' })
   * ```
   */
  attachPartition(table: NameInput, partition: NameInput, bound: PartitionBoundInput): this {
    return this.record({
      kind: 'attachPartition',
      table: parseName(table),
      partition: parseName(partition),
      bound: partitionBound(bound),
    })
  }

  /**
   * Makes a partition a table of its own; its rows stay in it.
   *
   * @param options - `concurrently`: without blocking queries, outside a transaction. `was`: the bound
   *   it had, so that this can be undone.
   * @example
   * ```ts
   * builder.detachPartition('events', 'events_2025', {
   *   was: { from: '2025-01-01', to: '2026-01-01' },
   * })
   * ```
   */
  detachPartition(
    table: NameInput,
    partition: NameInput,
    options: { readonly concurrently?: boolean; readonly was?: PartitionBoundInput } = {},
  ): this {
    const { concurrently, was } = options
    return this.record({
      kind: 'detachPartition',
      table: parseName(table),
      partition: parseName(partition),
      ...(concurrently && { concurrently }),
      ...(was !== undefined && { was: partitionBound(was) }),
    })
  }

  /**
   * Moves a table, with its indexes and constraints, to another schema. Undone, it goes back to
   * the schema that was written.
   *
   * @example
   * ```ts
   * builder.setSchema('public.orders', 'archive')
   * ```
   */
  setSchema(table: NameInput, schema: string): this {
    checkIdentifier(schema)
    return this.record({ kind: 'setSchema', table: parseName(table), to: schema })
  }

  /**
   * Writes the changes of an unlogged table to the log again. Rewrites the table.
   *
   * @param options - `was`: how the table was before it, so that this can be undone. A table made in
   *   the same migration needs it not.
   * @example
   * ```ts
   * builder.setLogged('sessions', { was: 'unlogged' })
   * ```
   */
  setLogged(table: NameInput, options: { readonly was?: 'logged' | 'unlogged' } = {}): this {
    const { was } = options
    return this.record({ kind: 'setLogged', table: parseName(table), ...(was && { was }) })
  }

  /**
   * Stops writing changes of the table to the log: it is empty after a crash. Rewrites the table.
   *
   * @param options - `was`: how the table was before it, so that this can be undone. A table made in
   *   the same migration needs it not.
   * @example
   * ```ts
   * builder.setUnlogged('sessions', { was: 'logged' })
   * ```
   */
  setUnlogged(table: NameInput, options: { readonly was?: 'logged' | 'unlogged' } = {}): this {
    const { was } = options
    return this.record({ kind: 'setUnlogged', table: parseName(table), ...(was && { was }) })
  }

  /**
   * Lets a table inherit from another. Undone, it no longer does.
   *
   * @example
   * ```ts
   * builder.inherit('cities', 'places')
   * ```
   */
  inherit(table: NameInput, parent: NameInput): this {
    return this.record({ kind: 'inherit', table: parseName(table), parent: parseName(parent) })
  }

  /**
   * Ends an inheritance; the columns stay. Undone, it inherits again.
   *
   * @example
   * ```ts
   * builder.noInherit('cities', 'places')
   * ```
   */
  noInherit(table: NameInput, parent: NameInput): this {
    return this.record({ kind: 'noInherit', table: parseName(table), parent: parseName(parent) })
  }
}

import { BuilderError } from '../../errors.ts'
import { parseName } from '../names.ts'
import type { NameInput } from '../names.ts'
import { renamed } from '../renamed.ts'
import { sequenceChanges, sequenceDefinition } from '../sequence-options.ts'
import type { AlterSequenceOptions, SequenceOptions } from '../sequence-options.ts'
import { TypeCalls } from './type-calls.ts'

/** Sequences. */
export abstract class SequenceCalls extends TypeCalls {
  /**
   * Creates a sequence.
   *
   * @param name - `'invoice_number'`, `'app.invoice_number'`, or `{ schema, name }`.
   * @param options - What is left out has PostgreSQL's default: 1, 2, 3, … up to 2⁶³ - 1.
   * @throws {BuilderError} for a number that is not whole or has more than 8 bytes.
   * @example
   * ```ts
   * builder.createSequence('invoice_number', { start: 1000, ownedBy: 'invoices.number' })
   * ```
   */
  createSequence(name: NameInput, options: SequenceOptions = {}): this {
    const sequence = parseName(name)
    return this.record({
      kind: 'createSequence',
      sequence,
      ...sequenceDefinition(sequence, options),
    })
  }

  /**
   * Changes a sequence; what is left out stays as it is.
   *
   * @param changes - The options of `createSequence`, and `restart`. `min: null` and `max: null` set
   *   the limits of the type, `ownedBy: null` frees it. `was`: the options before, so that this can
   *   be undone; only a number in `was.restart` can undo `restart`.
   * @throws {BuilderError} for no change, or a number that is not whole or has more than 8 bytes.
   * @example
   * ```ts
   * builder.alterSequence('invoice_number', { increment: 10, was: { increment: 1 } })
   * ```
   */
  alterSequence(name: NameInput, { was, ...options }: AlterSequenceOptions): this {
    const sequence = parseName(name)
    const changes = sequenceChanges(sequence, options)
    if (Object.keys(changes).length === 0) {
      throw new BuilderError('BAD_DEFINITION', {
        what: `alterSequence("${sequence.name}") changes nothing`,
        fix: `say what to change: alterSequence('${sequence.name}', { increment: 10 })`,
        details: { sequence: sequence.name },
      })
    }
    return this.record({
      kind: 'alterSequence',
      sequence,
      changes,
      ...(was && { was: sequenceChanges(sequence, was) }),
    })
  }

  /**
   * Renames a sequence; it stays in its schema.
   *
   * @example
   * ```ts
   * builder.renameSequence('invoice_number', 'bill_number')
   * ```
   */
  renameSequence(from: NameInput, to: NameInput): this {
    const { old, to: target } = renamed('sequence', from, to)
    return this.record({ kind: 'renameSequence', sequence: old, to: target })
  }

  /**
   * Drops a sequence that no default uses.
   *
   * @param options - `was`: the options it was created with, so that this can be undone; it starts
   *   anew then.
   * @example
   * ```ts
   * builder.dropSequence('invoice_number', { was: { start: 1000 } })
   * ```
   */
  dropSequence(name: NameInput, { was }: { readonly was?: SequenceOptions } = {}): this {
    const sequence = parseName(name)
    return this.record({
      kind: 'dropSequence',
      sequence,
      ...(was && { was: sequenceDefinition(sequence, was) }),
    })
  }
}

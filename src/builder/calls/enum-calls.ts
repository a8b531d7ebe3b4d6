import { BuilderError } from '../../errors.ts'
import { addedValue, enumValue, enumValues, valueMap } from '../enum-values.ts'
import type { AddTypeValueOptions, ReplaceTypeOptions } from '../enum-values.ts'
import { parseName } from '../names.ts'
import type { NameInput } from '../names.ts'
import { IndexCalls } from './index-calls.ts'

/** Enum types and their values. */
export abstract class EnumCalls extends IndexCalls {
  /**
   * Creates an enum type.
   *
   * @param name - `'mood'`, `'app.mood'`, or `{ schema, name }`.
   * @param values - In their sort order; each at most 63 bytes long.
   * @throws {BuilderError} for no values, one twice, or one that PostgreSQL cannot keep.
   * @example
   * ```ts
   * builder.createType('mood', ['sad', 'happy'])
   * ```
   */
  createType(name: NameInput, values: readonly string[]): this {
    const type = parseName(name)
    return this.record({ kind: 'createType', type, values: enumValues(type.name, values) })
  }

  /**
   * Adds a value to an enum type. PostgreSQL does not let the transaction that adds it use it
   * (SQLSTATE 55P04), unless the type is as new: first use it in a later migration.
   *
   * @param name - The type.
   * @param value - The new value, at most 63 bytes long.
   * @param options - `before` or `after`: where it goes, else last. `was`: all values before, so that
   *   this can be undone; the type is made anew then, which rewrites the tables that use it.
   * @throws {BuilderError} for both `before` and `after`, or a list in `was` that does not fit.
   * @example
   * ```ts
   * builder.addTypeValue('mood', 'ok', { after: 'sad', was: ['sad', 'happy'] })
   * ```
   */
  addTypeValue(name: NameInput, value: string, options: AddTypeValueOptions = {}): this {
    const type = parseName(name)
    return this.record({
      kind: 'addTypeValue',
      type,
      value: enumValue(type.name, value),
      ...addedValue(type.name, value, options),
    })
  }

  /**
   * Renames a value of an enum type; rows that have it show the new name at once.
   *
   * @param name - The type.
   * @param from - The value.
   * @param to - Its new name, at most 63 bytes long.
   * @throws {BuilderError} for a value that PostgreSQL cannot keep.
   * @example
   * ```ts
   * builder.renameTypeValue('mood', 'ok', 'fine')
   * ```
   */
  renameTypeValue(name: NameInput, from: string, to: string): this {
    const type = parseName(name)
    const values = { from: enumValue(type.name, from), to: enumValue(type.name, to) }
    if (from === to) {
      throw new BuilderError('BAD_DEFINITION', {
        what: `renaming value "${from}" of type "${type.name}" changes nothing`,
        fix: 'pass another name, or remove the call',
        details: { type: type.name, value: from },
      })
    }
    return this.record({ kind: 'renameTypeValue', type, ...values })
  }

  /**
   * Makes an enum type anew under its name, to take values away, put them in another order, or
   * merge them. Every column of the type and of its arrays is converted, with defaults, checks and
   * indexes that speak of it; owner, privileges and comment stay. It rewrites these tables under an
   * `ACCESS EXCLUSIVE` lock.
   *
   * It fails, and changes nothing, when a row or a default has a value that is neither kept nor
   * mapped, and when a view, function, policy or another type depends on it.
   *
   * @param name - The type.
   * @param values - All its values from now on, in their sort order.
   * @param options - `map`: what an old value becomes. `was`: all values before, so that this can be
   *   undone; of values that were merged the first one comes back.
   * @throws {BuilderError} for bad values, or a map that leads to a value that is not listed.
   * @example
   * ```ts
   * builder.replaceType('mood', ['happy', 'sad'], {
   *   map: { fine: 'happy' },
   *   was: ['sad', 'fine', 'happy'],
   * })
   * ```
   */
  replaceType(name: NameInput, values: readonly string[], options: ReplaceTypeOptions = {}): this {
    const type = parseName(name)
    const list = enumValues(type.name, values)
    return this.record({
      kind: 'replaceType',
      type,
      values: list,
      ...valueMap(type.name, list, options),
    })
  }
}

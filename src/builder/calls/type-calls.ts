import { checkIdentifier } from '../../sql/identifier.ts'
import { parseName } from '../names.ts'
import type { NameInput } from '../names.ts'
import { renamed } from '../renamed.ts'
import {
  attributeDefinitions,
  attributeType,
  rangeDefinition,
  typeDefinition,
} from '../type-definition.ts'
import type {
  AttributeInput,
  AttributesInput,
  RangeOptions,
  TypeInput,
} from '../type-definition.ts'
import { DomainCalls } from './domain-calls.ts'

/** Changes of a composite type reach the tables that were created `OF` it. */
export interface CascadeOption {
  /** Also changes the tables that were created `OF` this type. Default: `false`. */
  readonly cascade?: boolean
}

/** Composite types and ranges, and what all types have in common. */
export abstract class TypeCalls extends DomainCalls {
  /**
   * Creates a composite type: a row as a value.
   *
   * @param name - `'point3d'`, `'app.point3d'`, or `{ schema, name }`.
   * @param attributes - Its fields in their order, each with its type as SQL writes it, or with
   *   `{ type, collate }`.
   * @example
   * ```ts
   * builder.createCompositeType('address', { street: 'text', zip: 'varchar(10)' })
   * ```
   */
  createCompositeType(name: NameInput, attributes: AttributesInput): this {
    return this.record({
      kind: 'createCompositeType',
      type: parseName(name),
      attributes: attributeDefinitions(attributes),
    })
  }

  /**
   * Adds a field to a composite type, as its last one. Values that are there get NULL for it.
   *
   * @example
   * ```ts
   * builder.addTypeAttribute('address', 'country', 'text')
   * ```
   */
  addTypeAttribute(
    name: NameInput,
    attribute: string,
    type: AttributeInput,
    options: CascadeOption = {},
  ): this {
    checkIdentifier(attribute)
    return this.record({
      kind: 'addTypeAttribute',
      type: parseName(name),
      attribute: { name: attribute, ...attributeType(type) },
      ...cascade(options),
    })
  }

  /**
   * Drops a field of a composite type, with what values hold in it.
   *
   * @param options - `was`: its type, so that this can be undone; it comes back as the last field.
   * @example
   * ```ts
   * builder.dropTypeAttribute('address', 'country', { was: 'text' })
   * ```
   */
  dropTypeAttribute(
    name: NameInput,
    attribute: string,
    { was, ...options }: CascadeOption & { readonly was?: AttributeInput } = {},
  ): this {
    checkIdentifier(attribute)
    return this.record({
      kind: 'dropTypeAttribute',
      type: parseName(name),
      attribute,
      ...cascade(options),
      ...(was !== undefined && { was: attributeType(was) }),
    })
  }

  /**
   * Renames a field of a composite type.
   *
   * @example
   * ```ts
   * builder.renameTypeAttribute('address', 'zip', 'postcode')
   * ```
   */
  renameTypeAttribute(
    name: NameInput,
    from: string,
    to: string,
    options: CascadeOption = {},
  ): this {
    checkIdentifier(from)
    checkIdentifier(to)
    return this.record({
      kind: 'renameTypeAttribute',
      type: parseName(name),
      from,
      to,
      ...cascade(options),
    })
  }

  /**
   * Changes the type of a field of a composite type that no column uses.
   *
   * @param to - The new type, as SQL writes it, or with `{ type, collate }`.
   * @param options - `was`: the type before, so that this can be undone.
   * @example
   * ```ts
   * builder.alterTypeAttribute('address', 'zip', 'text', { was: 'varchar(10)' })
   * ```
   */
  alterTypeAttribute(
    name: NameInput,
    attribute: string,
    to: AttributeInput,
    { was, ...options }: CascadeOption & { readonly was?: AttributeInput } = {},
  ): this {
    checkIdentifier(attribute)
    return this.record({
      kind: 'alterTypeAttribute',
      type: parseName(name),
      attribute,
      to: attributeType(to),
      ...cascade(options),
      ...(was !== undefined && { was: attributeType(was) }),
    })
  }

  /**
   * Creates a range type, and with it its multirange type.
   *
   * @param name - `'time_range'`, `'app.time_range'`, or `{ schema, name }`.
   * @param options - `subtype`: the type of the bounds.
   * @example
   * ```ts
   * builder.createRange('float_range', { subtype: 'float8', subtypeDiff: 'float8mi' })
   * ```
   */
  createRange(name: NameInput, options: RangeOptions): this {
    const type = parseName(name)
    return this.record({ kind: 'createRange', type, ...rangeDefinition(type, options) })
  }

  /**
   * Renames an enum, composite or range type; it stays in its schema.
   *
   * @example
   * ```ts
   * builder.renameType('mood', 'feeling')
   * ```
   */
  renameType(from: NameInput, to: NameInput): this {
    const { old, to: target } = renamed('type', from, to)
    return this.record({ kind: 'renameType', type: old, to: target })
  }

  /**
   * Drops an enum, composite or range type that nothing uses.
   *
   * @param options - `was`: what it was made of, so that this can be undone: `{ values }`,
   *   `{ attributes }`, or the options of `createRange`.
   * @example
   * ```ts
   * builder.dropType('mood', { was: { values: ['sad', 'happy'] } })
   * ```
   */
  dropType(name: NameInput, { was }: { readonly was?: TypeInput } = {}): this {
    const type = parseName(name)
    return this.record({
      kind: 'dropType',
      type,
      ...(was && { was: typeDefinition(type, was) }),
    })
  }

  /**
   * Drops a type if there is one of that name. It cannot be undone: nothing says whether it was
   * there. Where it must be, use `dropType`.
   *
   * @example
   * ```ts
   * builder.dropTypeIfExists('mood')
   * ```
   */
  dropTypeIfExists(name: NameInput): this {
    return this.record({ kind: 'dropTypeIfExists', type: parseName(name) })
  }
}

function cascade(options: CascadeOption): { cascade?: true } {
  return options.cascade ? { cascade: true } : {}
}

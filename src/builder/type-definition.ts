import { BuilderError } from '../errors.ts'
import { defined } from '../operations/defined.ts'
import type { QualifiedName } from '../operations/definitions.ts'
import type {
  AttributeDefinition,
  AttributeType,
  RangeDefinition,
  TypeDefinition,
} from '../operations/types.ts'
import { checkIdentifier } from '../sql/identifier.ts'
import { checkType } from './data-type.ts'
import { enumValues } from './enum-values.ts'
import { parseName } from './names.ts'
import type { NameInput } from './names.ts'
import { collation } from './parse.ts'

/** The type of a field of a composite type: as SQL writes it, or with a collation. */
export type AttributeInput = string | { readonly type: string; readonly collate?: NameInput }

/** The fields of a composite type, in their order. */
export type AttributesInput = Readonly<Record<string, AttributeInput>>

export interface RangeOptions {
  /** The type of the bounds, as SQL writes it: it must have an order. */
  readonly subtype: string
  /** The operator class of the order. Default: that of the subtype. */
  readonly subtypeOpclass?: NameInput
  /** The collation of the order. Default: that of the subtype. */
  readonly collation?: NameInput
  /** A function that brings equal ranges into one form. Default: none. */
  readonly canonical?: NameInput
  /** A function that says how far apart two bounds are; GiST indexes work better with it. */
  readonly subtypeDiff?: NameInput
  /**
   * The name of the multirange type that comes with it (PostgreSQL 14 and later); in the schema of
   * the range unless it says otherwise. Default: PostgreSQL's own, with `multirange` in the name.
   */
  readonly multirangeName?: NameInput
}

/** What a type was made of: an enum, a composite type or a range. */
export type TypeInput =
  | { readonly values: readonly string[] }
  | { readonly attributes: AttributesInput }
  | RangeOptions

export function typeDefinition(type: QualifiedName, input: TypeInput): TypeDefinition {
  if ('values' in input) return { values: enumValues(type.name, input.values) }
  if ('attributes' in input) return { attributes: attributeDefinitions(input.attributes) }
  if ('subtype' in input) return rangeDefinition(type, input)
  throw new BuilderError('BAD_DEFINITION', {
    what: `{ was } does not say what type "${type.name}" was made of`,
    fix: "pass { values: ['first'] }, { attributes: { field: 'text' } } or { subtype: 'date' }",
    details: { type: type.name },
  })
}

export function attributeDefinitions(attributes: AttributesInput): AttributeDefinition[] {
  return Object.entries(attributes).map(([name, input]) => {
    checkIdentifier(name)
    if (/^(0|[1-9]\d*)$/.test(name)) {
      throw new BuilderError('BAD_IDENTIFIER', {
        what: `the attribute "${name}" has a number for a name`,
        why: 'JavaScript puts such keys in front of the others, and the order of attributes counts',
        fix: `name it with a letter first: "field_${name}"`,
        details: { name },
      })
    }
    return { name, ...attributeType(input) }
  })
}

export function attributeType(input: AttributeInput): AttributeType {
  const { type, collate } = typeof input === 'object' ? input : { type: input }
  return { type: checkType(type), ...(collate !== undefined && { collate: collation(collate) }) }
}

export function rangeDefinition(type: QualifiedName, options: RangeOptions): RangeDefinition {
  const { multirangeName } = options
  return defined({
    subtype: checkType(options.subtype),
    subtypeOpclass: named(options.subtypeOpclass),
    collation: options.collation === undefined ? undefined : collation(options.collation),
    canonical: named(options.canonical),
    subtypeDiff: named(options.subtypeDiff),
    // PostgreSQL would put it into the first schema of the search path.
    multirangeName:
      multirangeName === undefined
        ? undefined
        : {
            ...(type.schema !== undefined && { schema: type.schema }),
            ...parseName(multirangeName),
          },
  })
}

function named(name: NameInput | undefined): QualifiedName | undefined {
  return name === undefined ? undefined : parseName(name)
}

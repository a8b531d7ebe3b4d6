import { BuilderError } from '../errors.ts'
import { MAX_IDENTIFIER_BYTES } from '../sql/identifier.ts'
import { literal } from '../sql/literal.ts'

/** Where a new value of an enum goes; without either it comes last. */
export interface AddTypeValueOptions {
  /** The value that it stands in front of. */
  readonly before?: string
  /** The value that it follows. */
  readonly after?: string
  /** All values before this call, so that it can be undone. */
  readonly was?: readonly string[]
}

export interface ReplaceTypeOptions {
  /** What an old value becomes; those that keep their name need not be listed. */
  readonly map?: Readonly<Record<string, string>>
  /** All values before this call, so that it can be undone. */
  readonly was?: readonly string[]
}

/** The values of an enum: some, all different, each one that PostgreSQL can keep. */
export function enumValues(type: string, values: readonly string[]): string[] {
  if (!Array.isArray(values) || values.length === 0) {
    throw new BuilderError('BAD_DEFINITION', {
      what: `enum type "${type}" has no values`,
      fix: `list them: ['first', 'second']`,
      details: { type },
    })
  }
  const list = values.map((value: string) => enumValue(type, value))
  const twice = list.find((value, index) => list.indexOf(value) !== index)
  if (twice === undefined) return list
  throw new BuilderError('BAD_DEFINITION', {
    what: `enum type "${type}" has the value "${twice}" twice`,
    fix: 'list each value once',
    details: { type, value: twice },
  })
}

/** One value of an enum. */
export function enumValue(type: string, value: string): string {
  if (typeof value !== 'string') {
    throw new BuilderError('BAD_VALUE', {
      what: `a value of enum type "${type}" must be a string, got ${typeof value}`,
      fix: `write it as text: '${String(value)}'`,
      details: { type },
    })
  }
  const bytes = Buffer.byteLength(value)
  if (bytes > MAX_IDENTIFIER_BYTES) {
    throw new BuilderError('BAD_VALUE', {
      what: `the value "${value}" of enum type "${type}" is too long`,
      why: `it has ${bytes} bytes, and PostgreSQL keeps ${MAX_IDENTIFIER_BYTES}`,
      fix: `shorten it to at most ${MAX_IDENTIFIER_BYTES} bytes`,
      details: { type, value, bytes },
    })
  }
  literal(value)
  return value
}

/** The place of a new value, and the values before it. */
export function addedValue(
  type: string,
  value: string,
  { before, after, was }: AddTypeValueOptions,
): { before?: string; after?: string; was?: { values: readonly string[] } } {
  if (before !== undefined && after !== undefined) {
    throw new BuilderError('BAD_DEFINITION', {
      what: `the new value "${value}" of type "${type}" has both before and after`,
      fix: 'keep one of the two',
      details: { type, value },
    })
  }
  const neighbour = before ?? after
  if (neighbour !== undefined) enumValue(type, neighbour)
  const values = was && enumValues(type, was)
  if (values?.includes(value)) {
    throw new BuilderError('BAD_DEFINITION', {
      what: `the new value "${value}" of type "${type}" is in the list of those before it`,
      fix: 'list in { was } what the type had before this call',
      details: { type, value },
    })
  }
  if (neighbour !== undefined) assertKnown(type, neighbour, values)
  return {
    ...(before !== undefined && { before }),
    ...(after !== undefined && { after }),
    ...(values && { was: { values } }),
  }
}

/** The way from old values to new ones. */
export function valueMap(
  type: string,
  values: readonly string[],
  { map = {}, was }: ReplaceTypeOptions,
): { map?: Record<string, string>; was?: { values: readonly string[] } } {
  const before = was && enumValues(type, was)
  for (const [from, to] of Object.entries(map)) {
    enumValue(type, from)
    assertKnown(type, from, before)
    if (!values.includes(to)) {
      throw new BuilderError('BAD_DEFINITION', {
        what: `the map of type "${type}" turns "${from}" into "${to}", which is not one of the new values`,
        fix: `map it to one of ${values.map((value) => `"${value}"`).join(', ')}`,
        details: { type, from, to },
      })
    }
  }
  const changes = Object.entries(map).filter(([from, to]) => from !== to)
  return {
    ...(changes.length > 0 && { map: Object.fromEntries(changes) }),
    ...(before && { was: { values: before } }),
  }
}

function assertKnown(type: string, value: string, known: readonly string[] | undefined): void {
  if (known === undefined || known.includes(value)) return
  throw new BuilderError('BAD_DEFINITION', {
    what: `type "${type}" had no value "${value}"`,
    why: `{ was } lists ${known.map((one) => `"${one}"`).join(', ')}`,
    fix: 'correct the value, or the list in { was }',
    details: { type, value },
  })
}

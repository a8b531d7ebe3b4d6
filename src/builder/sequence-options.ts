import { BuilderError } from '../errors.ts'
import { defined } from '../operations/defined.ts'
import type { QualifiedName } from '../operations/definitions.ts'
import type { SequenceChanges, SequenceDefinition, SequenceType } from '../operations/sequences.ts'
import { checkIdentifier } from '../sql/identifier.ts'
import { parseName } from './names.ts'
import type { NameInput } from './names.ts'

/** A whole number of up to 8 bytes; what passes `Number.MAX_SAFE_INTEGER` as bigint or digits. */
export type SequenceNumber = bigint | number | string

export interface SequenceOptions {
  /** The type of its numbers, which sets the limits. Default: `bigint`. */
  readonly as?: SequenceType
  /** The first number. Default: `min`, or `max` of a descending sequence. */
  readonly start?: SequenceNumber
  /** The step; a negative one makes it descend. Default: 1. */
  readonly increment?: SequenceNumber
  /** The least number. Default, and `null`: 1, or the least of the type when it descends. */
  readonly min?: SequenceNumber | null
  /** The greatest number. Default, and `null`: the greatest of the type, or -1 when it descends. */
  readonly max?: SequenceNumber | null
  /** How many numbers a session takes at once; what it does not use is lost. Default: 1. */
  readonly cache?: SequenceNumber
  /** Starts over where it would end. Default: `false`. */
  readonly cycle?: boolean
  /**
   * The column that it is dropped with: `'table.column'`, `'schema.table.column'`, or in parts. The
   * table must be in the schema of the sequence. Default, and `null`: none.
   */
  readonly ownedBy?: string | { readonly table: NameInput; readonly column: string } | null
}

export interface SequenceRestart {
  /** The next number; `true`: where the sequence starts. */
  readonly restart?: SequenceNumber | true
}

export interface AlterSequenceOptions extends SequenceOptions, SequenceRestart {
  /** The options before, so that this can be undone; what is left out was PostgreSQL's default. */
  readonly was?: SequenceOptions & SequenceRestart
}

const TYPES: readonly SequenceType[] = ['bigint', 'integer', 'smallint']
const LIMIT = 2n ** 63n

export function sequenceDefinition(
  sequence: QualifiedName,
  { as, start, increment, min, max, cache, cycle, ownedBy }: SequenceOptions,
): SequenceDefinition {
  return defined({
    as: as === undefined ? undefined : sequenceType(as),
    start: digits('start', start),
    increment: notZero(digits('increment', increment)),
    min: min === null ? null : digits('min', min),
    max: max === null ? null : digits('max', max),
    cache: digits('cache', cache),
    cycle,
    ownedBy: ownedBy === undefined ? undefined : owner(sequence, ownedBy),
  })
}

export function sequenceChanges(
  sequence: QualifiedName,
  { restart, ...options }: SequenceOptions & SequenceRestart,
): SequenceChanges {
  return {
    ...sequenceDefinition(sequence, options),
    ...defined({ restart: restart === true ? restart : digits('restart', restart) }),
  }
}

function sequenceType(input: string): SequenceType {
  const type = TYPES.find((known) => known === input)
  if (type) return type
  throw new BuilderError('BAD_DEFINITION', {
    what: `a sequence cannot be of type "${input}"`,
    fix: `use one of ${TYPES.map((known) => `'${known}'`).join(', ')}`,
  })
}

function digits(part: string, input: SequenceNumber | undefined): string | undefined {
  if (input === undefined) return undefined
  const isExact =
    typeof input === 'bigint' ||
    (typeof input === 'number' && Number.isSafeInteger(input)) ||
    (typeof input === 'string' && /^[+-]?\d+$/.test(input))
  if (isExact) {
    const number = BigInt(input)
    if (number >= -LIMIT && number < LIMIT) return String(number)
  }
  throw new BuilderError('BAD_VALUE', {
    what: `${part} of a sequence must be a whole number of up to 8 bytes, got ${String(input)}`,
    fix: 'pass a whole number; a large one as bigint or digits: 9007199254740993n',
  })
}

function notZero(increment: string | undefined): string | undefined {
  if (increment !== '0') return increment
  throw new BuilderError('BAD_VALUE', {
    what: 'increment of a sequence must not be 0',
    fix: 'pass the step from one number to the next: 1, or -1 to descend',
  })
}

function owner(
  sequence: QualifiedName,
  input: Exclude<SequenceOptions['ownedBy'], undefined>,
): { table: QualifiedName; column: string } | null {
  if (input === null) return null
  const { table, column } = typeof input === 'string' ? split(input) : input
  checkIdentifier(column)
  // A sequence and its column are in one schema, so the sequence's is meant.
  const near = sequence.schema === undefined ? {} : { schema: sequence.schema }
  return { table: { ...near, ...parseName(table) }, column }
}

function split(text: string): { table: string; column: string } {
  const dot = text.lastIndexOf('.')
  if (dot > 0) return { table: text.slice(0, dot), column: text.slice(dot + 1) }
  throw new BuilderError('BAD_DEFINITION', {
    what: `ownedBy needs a table and a column, got "${text}"`,
    fix: `write "table.column" or "schema.table.column"`,
  })
}

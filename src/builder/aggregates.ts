import { BuilderError } from '../errors.ts'
import type {
  AggregateArgument,
  AggregateDefinition,
  AggregateSignature,
  AggregateState,
} from '../operations/aggregates.ts'
import { defined } from '../operations/defined.ts'
import { checkIdentifier } from '../sql/identifier.ts'
import { literal } from '../sql/literal.ts'
import { checkType } from './data-type.ts'
import { parseName } from './names.ts'
import type { NameInput } from './names.ts'
import { assertOneOf } from './parse.ts'
import type { ReplaceOptions } from './replacement.ts'

/** An argument of an aggregate: its type, or more about it. */
export type AggregateArgumentInput =
  | string
  | { readonly name?: string; readonly type: string; readonly mode?: 'in' | 'variadic' }

export interface AggregateStateInput {
  /** Takes the state and the values of a row, and returns the next state. */
  readonly stateFunction: NameInput
  /** The type of the state, as PostgreSQL writes it. */
  readonly stateType: string
  /** About how many bytes a state has. Default: PostgreSQL guesses. */
  readonly stateSpace?: number
  /** The first state, as text. Default: NULL. */
  readonly initial?: string
  /** Makes the result of the last state. Default: the state is the result. */
  readonly finalFunction?: NameInput
  /** It also gets NULLs of the types of the arguments. Default: `false`. */
  readonly finalExtra?: boolean
  /** What it does to the state. Default: `read_only`, or `read_write` of an ordered set. */
  readonly finalModify?: 'read_only' | 'read_write' | 'shareable'
}

/** What an aggregate is besides its name. */
export interface AggregateInput extends AggregateStateInput {
  /** Default: none, as `count(*)` has none. */
  readonly args?: readonly AggregateArgumentInput[]
  /** What stands after `WITHIN GROUP (ORDER BY`: makes it an ordered-set aggregate. */
  readonly orderBy?: readonly AggregateArgumentInput[]
  /** An ordered set that the direct arguments are put in. Default: `false`. */
  readonly hypothetical?: boolean
  /** Joins two states, so that processes can share the work. */
  readonly combineFunction?: NameInput
  /** A state of type `internal` as `bytea`, to hand it to another process. */
  readonly serialFunction?: NameInput
  readonly deserialFunction?: NameInput
  /** How windows that move are computed: `inverseFunction` takes a row out of the state. */
  readonly moving?: AggregateStateInput & { readonly inverseFunction: NameInput }
  /** For what `min` and `max` are: the operator of the index that has the answer. */
  readonly sortOperator?: string
  /** Default: `unsafe`. */
  readonly parallel?: 'restricted' | 'safe' | 'unsafe'
}

export interface CreateAggregateOptions extends AggregateInput, ReplaceOptions<AggregateInput> {}

/** Which aggregate of a name: the types of its arguments, and of those after ORDER BY. */
export interface AggregateArguments {
  readonly orderBy?: readonly string[]
}

export function aggregateDefinition(input: AggregateInput): AggregateDefinition {
  const { args = [], orderBy, hypothetical, moving, parallel, sortOperator } = input
  if (hypothetical && !orderBy) {
    throw bad(
      'a hypothetical aggregate puts a row in an order, and has none',
      'say what is ordered: { orderBy: [\'VARIADIC "any"\'] }',
    )
  }
  return {
    args: args.map(argument),
    ...state(input),
    ...defined({
      orderBy: orderBy?.map(argument),
      combineFunction: name(input.combineFunction),
      serialFunction: name(input.serialFunction),
      deserialFunction: name(input.deserialFunction),
      moving: moving && { ...state(moving), inverseFunction: parseName(moving.inverseFunction) },
      sortOperator: sortOperator === undefined ? undefined : operator(sortOperator),
      parallel: parallel && assertOneOf('parallel', ['RESTRICTED', 'SAFE', 'UNSAFE'], parallel),
    }),
    ...(hypothetical && { hypothetical }),
  }
}

export function aggregateTypes(
  args: readonly string[],
  { orderBy }: AggregateArguments,
): AggregateSignature {
  return { args: args.map(checkType), ...(orderBy && { orderBy: orderBy.map(checkType) }) }
}

function state(input: AggregateStateInput): AggregateState {
  const { stateFunction, stateType, stateSpace, initial, finalExtra, finalModify } = input
  if (stateSpace !== undefined && !Number.isSafeInteger(stateSpace)) {
    throw bad(`stateSpace is a number of bytes, got ${stateSpace}`, 'pass a whole number')
  }
  if (initial !== undefined) literal(initial)
  return {
    stateFunction: parseName(stateFunction),
    stateType: checkType(stateType),
    ...defined({
      stateSpace,
      initial,
      finalFunction: name(input.finalFunction),
      finalModify:
        finalModify &&
        assertOneOf('finalModify', ['READ_ONLY', 'READ_WRITE', 'SHAREABLE'], finalModify),
    }),
    ...(finalExtra && { finalExtra }),
  }
}

function argument(input: AggregateArgumentInput): AggregateArgument {
  if (typeof input === 'string') return { type: checkType(input) }
  const { name: own, type, mode } = input
  if (own !== undefined) checkIdentifier(own)
  return {
    ...defined({
      name: own,
      mode: mode && assertOneOf('mode', ['IN', 'VARIADIC'], mode),
    }),
    type: checkType(type),
  }
}

function name(input: NameInput | undefined): ReturnType<typeof parseName> | undefined {
  return input === undefined ? undefined : parseName(input)
}

function operator(input: string): { schema?: string; operator: string } {
  const [, schema, sign] = /^(?:([^.]+)\.)?([-+*/<>=~!@#%^&|`?]+)$/.exec(input) ?? []
  if (sign === undefined) {
    throw bad(`"${input}" is not an operator`, "write its sign: { sortOperator: '<' }")
  }
  if (schema !== undefined) checkIdentifier(schema)
  return { ...defined({ schema }), operator: sign }
}

function bad(what: string, fix: string): BuilderError {
  return new BuilderError('BAD_DEFINITION', { what, fix })
}

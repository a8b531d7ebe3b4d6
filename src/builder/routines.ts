import { BuilderError } from '../errors.ts'
import { defined } from '../operations/defined.ts'
import { inputTypes } from '../operations/routines.ts'
import type {
  FunctionDefinition,
  RoutineArgument,
  RoutineDefinition,
  SettingValue,
} from '../operations/routines.ts'
import { checkIdentifier } from '../sql/identifier.ts'
import { literal } from '../sql/literal.ts'
import { checkType } from './data-type.ts'
import { defaultDefinition } from './default-value.ts'
import type { DefaultInput } from './default-value.ts'
import { assertOneOf } from './parse.ts'
import { code, sqlBody } from './query.ts'
import type { ReplaceOptions } from './replacement.ts'
import type { Sql } from './sql-fragment.ts'

/** An argument of a routine: its type, or more about it. */
export type RoutineArgumentInput =
  | string
  | {
      readonly name?: string
      /** As PostgreSQL writes it: `'integer'`, `'text[]'`, `'app.mood'`. */
      readonly type: string
      /** Default: `in`. */
      readonly mode?: 'in' | 'inout' | 'out' | 'variadic'
      /** A value, or an expression made by `sql`. Default: it must be passed. */
      readonly default?: DefaultInput
    }

/** What a procedure is besides its name, and what functions share with it. */
export interface RoutineInput {
  /** Default: none. */
  readonly args?: readonly RoutineArgumentInput[]
  /** Default: `plpgsql`. */
  readonly language?: string
  /** Its code, passed on exactly as written. */
  readonly body: string | Sql
  /**
   * The body is SQL's own, `BEGIN ATOMIC …` or `RETURN …`: PostgreSQL parses it now and keeps track
   * of what it uses. Only with `language: 'sql'`. Default: `false`.
   */
  readonly sqlBody?: boolean
  /** Whose privileges count: those of the caller, or of the owner. Default: `invoker`. */
  readonly security?: 'definer' | 'invoker'
  /** Settings while it runs; lists go in parts: `{ search_path: ['app', 'pg_temp'] }`. */
  readonly set?: Readonly<Record<string, SettingValue>>
}

/** What a function is besides its name. */
export interface FunctionInput extends RoutineInput {
  /** As PostgreSQL writes it: `'integer'`, `'SETOF users'`, `'trigger'`, `'void'`. */
  readonly returns?: string
  /** Returns rows of these columns. */
  readonly returnsTable?: readonly { readonly name: string; readonly type: string }[]
  /** Default: `volatile`. */
  readonly volatility?: 'immutable' | 'stable' | 'volatile'
  /** NULL is returned for a NULL argument without a call. Default: `false`. */
  readonly strict?: boolean
  /** Tells nothing about its arguments but by its result. Superusers only. Default: `false`. */
  readonly leakproof?: boolean
  /** Default: `unsafe`. */
  readonly parallel?: 'restricted' | 'safe' | 'unsafe'
  /** What a call costs, in units of `cpu_operator_cost`. Default: 100, or 1 for C. */
  readonly cost?: number
  /** How many rows the planner expects of a set. Default: 1000. */
  readonly rows?: number
}

export interface CreateFunctionOptions extends FunctionInput, ReplaceOptions<FunctionInput> {}

export interface CreateProcedureOptions extends RoutineInput, ReplaceOptions<RoutineInput> {}

export function routineDefinition(input: RoutineInput, what = 'a procedure'): RoutineDefinition {
  const language = (input.language ?? 'plpgsql').toLowerCase()
  checkIdentifier(language)
  const body = code(input.body, what)
  return {
    args: (input.args ?? []).map(argument),
    language,
    ...(input.sqlBody ? { body: ownBody(body, language, what), sqlBody: true } : { body }),
    ...defined({
      security: input.security && assertOneOf('security', ['DEFINER', 'INVOKER'], input.security),
      set: input.set && settings(input.set),
    }),
  }
}

export function functionDefinition(input: FunctionInput): FunctionDefinition {
  const routine = routineDefinition(input, 'a function')
  const { returns, returnsTable, volatility, parallel, strict, leakproof, cost, rows } = input
  const hasOutput = routine.args.some(({ mode }) => mode === 'OUT' || mode === 'INOUT')
  if (returns !== undefined && returnsTable) {
    throw bad('a function has both { returns } and { returnsTable }', 'leave out one of them')
  }
  if (returns === undefined && !returnsTable && !hasOutput) {
    throw bad('a function does not say what it returns', "add { returns: 'void' }, or a type")
  }
  for (const number of [cost, rows]) if (number !== undefined) literal(number)
  return {
    ...routine,
    ...defined({
      returns: returns === undefined ? undefined : checkType(returns),
      returnsTable: returnsTable?.map(column),
      volatility:
        volatility && assertOneOf('volatility', ['IMMUTABLE', 'STABLE', 'VOLATILE'], volatility),
      parallel: parallel && assertOneOf('parallel', ['RESTRICTED', 'SAFE', 'UNSAFE'], parallel),
      cost,
      rows,
    }),
    ...(strict && { strict }),
    ...(leakproof && { leakproof }),
  }
}

/** Replacing keeps the arguments: with others, PostgreSQL creates a second routine beside the old. */
export function assertSameArguments(definition: RoutineDefinition, was?: RoutineDefinition): void {
  if (!was) return
  const [now, before] = [inputTypes(definition.args).length, inputTypes(was.args).length]
  if (now === before) return
  throw bad(
    `what is replaced takes ${before} arguments, and its replacement ${now}`,
    'drop the old one, and create the new one without { replace }',
  )
}

/** The types that say which of several routines of one name is meant. */
export function argumentTypes(args: readonly string[]): string[] {
  return args.map(checkType)
}

function argument(input: RoutineArgumentInput): RoutineArgument {
  if (typeof input === 'string') return { type: checkType(input) }
  const { name, mode } = input
  if (name !== undefined) checkIdentifier(name)
  const type = checkType(input.type)
  return {
    ...defined({ name }),
    type,
    ...(mode && { mode: assertOneOf('mode', ['IN', 'INOUT', 'OUT', 'VARIADIC'], mode) }),
    ...(input.default !== undefined && { default: defaultDefinition(input.default, type) }),
  }
}

function column({ name, type }: { name: string; type: string }): { name: string; type: string } {
  checkIdentifier(name)
  return { name, type: checkType(type) }
}

function ownBody(body: string, language: string, what: string): string {
  if (language === 'sql' && /^\s*(begin\s+atomic|return)\b/i.test(body)) return sqlBody(body, what)
  throw bad(
    `the body of ${what} is not SQL's own`,
    "with { sqlBody: true } it begins with BEGIN ATOMIC or RETURN, and { language: 'sql' } is needed",
  )
}

function settings(input: Readonly<Record<string, SettingValue>>): Record<string, SettingValue> {
  const entries = Object.entries(input).map(([name, value]) => {
    name.split('.').forEach(checkIdentifier)
    const values = typeof value === 'object' ? value : [value]
    values.forEach(literal)
    if (name.toLowerCase() === 'search_path' && typeof value === 'string' && value.includes(',')) {
      const parts = value.split(',').map((part) => `'${part.trim()}'`)
      throw bad(
        `search_path is one schema named "${value}" here`,
        `write the list in parts: { search_path: [${parts.join(', ')}] }`,
      )
    }
    return [name, typeof value === 'object' ? [...value] : value] as const
  })
  return Object.fromEntries(entries)
}

function bad(what: string, fix: string): BuilderError {
  return new BuilderError('BAD_DEFINITION', { what, fix })
}

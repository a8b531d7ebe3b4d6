import type { CreateAggregate, DropAggregate, RenameAggregate } from './aggregates.ts'
import type { DefaultDefinition, QualifiedName } from './definitions.ts'
import type { Replace } from './replace.ts'
import type { Was } from './was.ts'

export type RoutineOperation =
  | CreateAggregate
  | CreateFunction
  | CreateProcedure
  | DropAggregate
  | DropFunction
  | DropProcedure
  | RenameAggregate
  | RenameFunction
  | RenameProcedure

export interface RoutineArgument {
  readonly name?: string
  /** As written in SQL. */
  readonly type: string
  /** Default: `IN`. */
  readonly mode?: 'IN' | 'INOUT' | 'OUT' | 'VARIADIC'
  readonly default?: DefaultDefinition
}

/** A value of `SET`; a list such as that of `search_path` goes in parts. */
export type SettingValue = string | number | boolean | readonly string[]

/** What functions and procedures share. */
export interface RoutineDefinition {
  readonly args: readonly RoutineArgument[]
  readonly language: string
  readonly body: string
  /** The body is SQL's own (`BEGIN ATOMIC …` or `RETURN …`), parsed when the routine is created. */
  readonly sqlBody?: boolean
  readonly security?: 'DEFINER' | 'INVOKER'
  /** Settings that hold while it runs. */
  readonly set?: Readonly<Record<string, SettingValue>>
}

export interface FunctionDefinition extends RoutineDefinition {
  /** As written in SQL: `integer`, `SETOF users`, `trigger`, `void`. */
  readonly returns?: string
  readonly returnsTable?: readonly { readonly name: string; readonly type: string }[]
  readonly volatility?: 'IMMUTABLE' | 'STABLE' | 'VOLATILE'
  /** A NULL argument makes the result NULL. */
  readonly strict?: boolean
  readonly leakproof?: boolean
  readonly parallel?: 'RESTRICTED' | 'SAFE' | 'UNSAFE'
  /** In units of `cpu_operator_cost`. */
  readonly cost?: number
  /** How many rows the planner expects. */
  readonly rows?: number
}

export interface CreateFunction extends FunctionDefinition {
  readonly kind: 'createFunction'
  readonly function: QualifiedName
  readonly replace?: Replace
  /** The function that it replaces. */
  readonly was?: FunctionDefinition
}

export interface DropFunction {
  readonly kind: 'dropFunction'
  readonly function: QualifiedName
  /** The types of what is passed to it: with the name they say which function it is. */
  readonly args: readonly string[]
  readonly was?: Was<FunctionDefinition>
}

export interface RenameFunction {
  readonly kind: 'renameFunction'
  readonly function: QualifiedName
  readonly args: readonly string[]
  readonly to: string
}

export interface CreateProcedure extends RoutineDefinition {
  readonly kind: 'createProcedure'
  readonly procedure: QualifiedName
  readonly replace?: Replace
  /** The procedure that it replaces. */
  readonly was?: RoutineDefinition
}

export interface DropProcedure {
  readonly kind: 'dropProcedure'
  readonly procedure: QualifiedName
  readonly args: readonly string[]
  readonly was?: Was<RoutineDefinition>
}

export interface RenameProcedure {
  readonly kind: 'renameProcedure'
  readonly procedure: QualifiedName
  readonly args: readonly string[]
  readonly to: string
}

/** The types that tell this routine from others of its name: of what is passed to it. */
export function inputTypes(args: readonly RoutineArgument[]): string[] {
  return args.filter(({ mode }) => mode !== 'OUT').map(({ type }) => type)
}

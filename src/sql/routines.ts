import type { DefaultDefinition, QualifiedName } from '../operations/definitions.ts'
import type { Replace } from '../operations/replace.ts'
import { inputTypes } from '../operations/routines.ts'
import type {
  FunctionDefinition,
  RoutineArgument,
  RoutineDefinition,
  RoutineOperation,
  SettingValue,
} from '../operations/routines.ts'
import { aggregateCompilers } from './aggregates.ts'
import type { Compilers } from './compilers.ts'
import { dollarQuoted } from './dollar-quoted.ts'
import { identifier, qualifiedName } from './identifier.ts'
import { literal } from './literal.ts'
import { replaceOrRecreate } from './replace-or-recreate.ts'
import { signature } from './targets.ts'

export const routineCompilers: Compilers<RoutineOperation> = {
  ...aggregateCompilers,

  createFunction: (op) => {
    const lines = [returned(op), ...behaviour(op)]
    return create('FUNCTION', op.function, op, lines)
  },

  renameFunction: (op) =>
    `ALTER FUNCTION ${signature(qualifiedName(op.function), op.args)} RENAME TO ${identifier(op.to)}`,

  dropFunction: (op) => `DROP FUNCTION ${signature(qualifiedName(op.function), op.args)}`,

  createProcedure: (op) => create('PROCEDURE', op.procedure, op, []),

  renameProcedure: (op) =>
    `ALTER PROCEDURE ${signature(qualifiedName(op.procedure), op.args)} RENAME TO ${identifier(op.to)}`,

  dropProcedure: (op) => `DROP PROCEDURE ${signature(qualifiedName(op.procedure), op.args)}`,
}

function create(
  what: 'FUNCTION' | 'PROCEDURE',
  name: QualifiedName,
  definition: RoutineDefinition & { readonly replace?: Replace },
  lines: readonly (string | undefined)[],
): string {
  const { args, replace } = definition
  const rest = [
    `${what} ${qualifiedName(name)}(${args.map(argument).join(', ')})`,
    ...lines,
    `LANGUAGE ${identifier(definition.language)}`,
    definition.security && `SECURITY ${definition.security}`,
    ...Object.entries(definition.set ?? {}).map(setting),
    definition.sqlBody ? definition.body : `AS ${dollarQuoted(definition.body, 'body')}`,
  ]
    .filter((line) => line !== undefined)
    .join('\n')
  if (replace !== 'recreate') return `CREATE ${replace ? 'OR REPLACE ' : ''}${rest}`
  return replaceOrRecreate({
    replace: `CREATE OR REPLACE ${rest}`,
    drop: `DROP ${what} ${signature(qualifiedName(name), inputTypes(args))}`,
    create: `CREATE ${rest}`,
    refusal: 'invalid_function_definition',
  })
}

function argument({ mode, name, type, default: value }: RoutineArgument): string {
  return [
    mode,
    name !== undefined && identifier(name),
    type,
    value && `DEFAULT ${defaultValue(value)}`,
  ]
    .filter(Boolean)
    .join(' ')
}

function defaultValue(definition: DefaultDefinition): string {
  return 'value' in definition ? literal(definition.value) : definition.sql
}

function returned({ returns, returnsTable }: FunctionDefinition): string | undefined {
  if (!returnsTable) return returns && `RETURNS ${returns}`
  const columns = returnsTable.map(({ name, type }) => `${identifier(name)} ${type}`)
  return `RETURNS TABLE (${columns.join(', ')})`
}

function behaviour(definition: FunctionDefinition): (string | undefined)[] {
  const { volatility, strict, leakproof, parallel, cost, rows } = definition
  return [
    volatility,
    strict ? 'STRICT' : undefined,
    leakproof ? 'LEAKPROOF' : undefined,
    parallel && `PARALLEL ${parallel}`,
    cost === undefined ? undefined : `COST ${literal(cost)}`,
    rows === undefined ? undefined : `ROWS ${literal(rows)}`,
  ]
}

function setting([name, value]: readonly [string, SettingValue]): string {
  const values = typeof value === 'object' ? value : [value]
  return `SET ${name.split('.').map(identifier).join('.')} = ${values.map(literal).join(', ')}`
}

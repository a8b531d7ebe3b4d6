import { aggregateSignature } from '../operations/aggregates.ts'
import type {
  AggregateArgument,
  AggregateDefinition,
  AggregateState,
  CreateAggregate,
  DropAggregate,
  RenameAggregate,
} from '../operations/aggregates.ts'
import type { QualifiedName } from '../operations/definitions.ts'
import type { Compilers } from './compilers.ts'
import { identifier, qualifiedName } from './identifier.ts'
import { literal } from './literal.ts'
import { replaceOrRecreate } from './replace-or-recreate.ts'
import { aggregateName } from './targets.ts'
import { words } from './words.ts'

export const aggregateCompilers: Compilers<CreateAggregate | DropAggregate | RenameAggregate> = {
  createAggregate: (op) => {
    const { args, orderBy } = op
    const name = aggregateName(qualifiedName(op.aggregate), {
      args: args.map(argument),
      ...(orderBy && { orderBy: orderBy.map(argument) }),
    })
    const rest = `AGGREGATE ${name} (\n  ${parameters(op).join(',\n  ')}\n)`
    if (op.replace !== 'recreate') return `CREATE ${op.replace ? 'OR REPLACE ' : ''}${rest}`
    return replaceOrRecreate({
      replace: `CREATE OR REPLACE ${rest}`,
      drop: `DROP AGGREGATE ${aggregateName(qualifiedName(op.aggregate), aggregateSignature(op))}`,
      create: `CREATE ${rest}`,
      refusal: 'invalid_function_definition',
    })
  },

  renameAggregate: (op) =>
    `ALTER AGGREGATE ${aggregateName(qualifiedName(op.aggregate), op)} RENAME TO ${identifier(op.to)}`,

  dropAggregate: (op) => `DROP AGGREGATE ${aggregateName(qualifiedName(op.aggregate), op)}`,
}

function argument({ mode, name, type }: AggregateArgument): string {
  return words(mode, name !== undefined && identifier(name), type)
}

function parameters(definition: AggregateDefinition): string[] {
  const { combineFunction, serialFunction, deserialFunction, moving } = definition
  const { sortOperator, parallel, hypothetical } = definition
  return [
    ...state('', definition),
    ...named('COMBINEFUNC', combineFunction),
    ...named('SERIALFUNC', serialFunction),
    ...named('DESERIALFUNC', deserialFunction),
    ...(moving ? [...state('M', moving), ...named('MINVFUNC', moving.inverseFunction)] : []),
    ...(sortOperator ? [`SORTOP = ${operator(sortOperator)}`] : []),
    ...(parallel ? [`PARALLEL = ${parallel}`] : []),
    ...(hypothetical ? ['HYPOTHETICAL'] : []),
  ]
}

function state(prefix: '' | 'M', definition: AggregateState): string[] {
  const { stateFunction, stateType, stateSpace, initial } = definition
  const { finalFunction, finalExtra, finalModify } = definition
  return [
    ...named(`${prefix}SFUNC`, stateFunction),
    `${prefix}STYPE = ${stateType}`,
    ...(stateSpace === undefined ? [] : [`${prefix}SSPACE = ${literal(stateSpace)}`]),
    ...(initial === undefined ? [] : [`${prefix}INITCOND = ${literal(initial)}`]),
    ...named(`${prefix}FINALFUNC`, finalFunction),
    ...(finalExtra ? [`${prefix}FINALFUNC_EXTRA`] : []),
    ...(finalModify ? [`${prefix}FINALFUNC_MODIFY = ${finalModify}`] : []),
  ]
}

function named(key: string, name: QualifiedName | undefined): string[] {
  return name ? [`${key} = ${qualifiedName(name)}`] : []
}

function operator({ schema, operator: sign }: { schema?: string; operator: string }): string {
  return schema === undefined ? sign : `OPERATOR(${identifier(schema)}.${sign})`
}

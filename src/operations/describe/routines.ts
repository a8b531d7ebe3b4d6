import { aggregateSignature } from '../aggregates.ts'
import type { AggregateSignature } from '../aggregates.ts'
import { inputTypes } from '../routines.ts'
import type { RoutineOperation } from '../routines.ts'
import type { Describers } from './describers.ts'
import { full, list, quote } from './words.ts'

export const routineDescribers: Describers<RoutineOperation> = {
  createAggregate: (op) =>
    `${op.replace ? 'create or replace' : 'create'} aggregate ${full(op.aggregate)}${types(aggregateSignature(op))}`,
  createFunction: (op) =>
    `${op.replace ? 'create or replace' : 'create'} function ${full(op.function)}${list(inputTypes(op.args))}`,
  createProcedure: (op) =>
    `${op.replace ? 'create or replace' : 'create'} procedure ${full(op.procedure)}${list(inputTypes(op.args))}`,
  dropAggregate: (op) => `drop aggregate ${full(op.aggregate)}${types(op)}`,
  dropFunction: (op) => `drop function ${full(op.function)}${list(op.args)}`,
  dropProcedure: (op) => `drop procedure ${full(op.procedure)}${list(op.args)}`,
  renameAggregate: (op) => `rename aggregate ${full(op.aggregate)}${types(op)} to ${quote(op.to)}`,
  renameFunction: (op) => `rename function ${full(op.function)}${list(op.args)} to ${quote(op.to)}`,
  renameProcedure: (op) =>
    `rename procedure ${full(op.procedure)}${list(op.args)} to ${quote(op.to)}`,
}

function types({ args, orderBy }: AggregateSignature): string {
  return list([...args, ...(orderBy ? [`order by ${orderBy.join(', ')}`] : [])])
}

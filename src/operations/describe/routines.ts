import { inputTypes } from '../routines.ts'
import type { RoutineOperation } from '../routines.ts'
import type { Describers } from './describers.ts'
import { full, list, quote } from './words.ts'

export const routineDescribers: Describers<RoutineOperation> = {
  createFunction: (op) =>
    `${op.replace ? 'create or replace' : 'create'} function ${full(op.function)}${list(inputTypes(op.args))}`,
  createProcedure: (op) =>
    `${op.replace ? 'create or replace' : 'create'} procedure ${full(op.procedure)}${list(inputTypes(op.args))}`,
  dropFunction: (op) => `drop function ${full(op.function)}${list(op.args)}`,
  dropProcedure: (op) => `drop procedure ${full(op.procedure)}${list(op.args)}`,
  renameFunction: (op) => `rename function ${full(op.function)}${list(op.args)} to ${quote(op.to)}`,
  renameProcedure: (op) =>
    `rename procedure ${full(op.procedure)}${list(op.args)} to ${quote(op.to)}`,
}

import { aggregateSignature } from '../aggregates.ts'
import { inputTypes } from '../routines.ts'
import type { RoutineOperation } from '../routines.ts'
import type { Inverters } from './inverters.ts'
import { recorded } from './recorded.ts'
import { recreated } from './recreated.ts'

export const routineInverters: Inverters<RoutineOperation> = {
  createAggregate: (operation) => {
    const { kind, aggregate, replace, was: _was, ...definition } = operation
    if (!replace) {
      return {
        kind: 'dropAggregate',
        aggregate,
        ...aggregateSignature(definition),
        was: definition,
      }
    }
    return {
      kind,
      aggregate,
      ...recorded(operation, 'the aggregate that it replaces'),
      replace: 'recreate',
      was: definition,
    }
  },
  createFunction: (operation) => {
    const { kind, function: name, replace, was: _was, ...definition } = operation
    if (!replace) {
      const args = inputTypes(definition.args)
      return { kind: 'dropFunction', function: name, args, was: definition }
    }
    return {
      kind,
      function: name,
      ...recorded(operation, 'the function that it replaces'),
      // Replacing in place refuses another result type, or a default less.
      replace: 'recreate',
      was: definition,
    }
  },
  createProcedure: (operation) => {
    const { kind, procedure, replace, was: _was, ...definition } = operation
    if (!replace) {
      const args = inputTypes(definition.args)
      return { kind: 'dropProcedure', procedure, args, was: definition }
    }
    return {
      kind,
      procedure,
      ...recorded(operation, 'the procedure that it replaces'),
      replace: 'recreate',
      was: definition,
    }
  },
  dropAggregate: (operation) =>
    recreated(operation, 'the definition of the aggregate', (definition) => ({
      kind: 'createAggregate',
      aggregate: operation.aggregate,
      ...definition,
    })),
  dropFunction: (operation) =>
    recreated(operation, 'the definition of the function', (definition) => ({
      kind: 'createFunction',
      function: operation.function,
      ...definition,
    })),
  dropProcedure: (operation) =>
    recreated(operation, 'the definition of the procedure', (definition) => ({
      kind: 'createProcedure',
      procedure: operation.procedure,
      ...definition,
    })),
  renameAggregate: ({ aggregate, to, ...rest }) => ({
    ...rest,
    aggregate: { ...aggregate, name: to },
    to: aggregate.name,
  }),
  renameFunction: ({ kind, function: name, args, to }) => ({
    kind,
    function: { ...name, name: to },
    args,
    to: name.name,
  }),
  renameProcedure: ({ kind, procedure, args, to }) => ({
    kind,
    procedure: { ...procedure, name: to },
    args,
    to: procedure.name,
  }),
}

import { inputTypes } from '../routines.ts'
import type { RoutineOperation } from '../routines.ts'
import type { Inverters } from './inverters.ts'
import { recorded } from './recorded.ts'
import { recreated } from './recreated.ts'

export const routineInverters: Inverters<RoutineOperation> = {
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

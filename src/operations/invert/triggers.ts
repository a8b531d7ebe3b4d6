import type { QualifiedName } from '../definitions.ts'
import type { DisableTrigger, EnableTrigger, TriggerOperation, TriggerState } from '../triggers.ts'
import type { Inverters } from './inverters.ts'
import { recorded } from './recorded.ts'
import { recreated } from './recreated.ts'

export const triggerInverters: Inverters<TriggerOperation> = {
  createTrigger: (operation) => {
    const { kind, table, trigger, replace, was: _was, ...definition } = operation
    if (!replace) return { kind: 'dropTrigger', table, trigger, was: definition }
    const was = recorded(operation, 'the trigger that it replaces')
    return { kind, table, trigger, ...was, replace, was: definition }
  },
  disableTrigger: ({ table, trigger, was = 'ORIGIN' }) => toState(table, trigger, was, 'DISABLED'),
  dropTouchOnUpdate: ({ table, column }) => ({ kind: 'touchOnUpdate', table, column }),
  dropTrigger: (operation) =>
    recreated(operation, 'the definition of the trigger', (definition) => ({
      kind: 'createTrigger',
      table: operation.table,
      trigger: operation.trigger,
      ...definition,
    })),
  enableTrigger: ({ table, trigger, mode, was = 'DISABLED' }) =>
    toState(table, trigger, was, mode ?? 'ORIGIN'),
  renameTrigger: ({ kind, table, trigger, to }) => ({ kind, table, trigger: to, to: trigger }),
  touchOnUpdate: ({ table, column }) => ({ kind: 'dropTouchOnUpdate', table, column }),
}

function toState(
  table: QualifiedName,
  trigger: string,
  state: TriggerState,
  was: TriggerState,
): DisableTrigger | EnableTrigger {
  if (state === 'DISABLED') return { kind: 'disableTrigger', table, trigger, was }
  const mode = state === 'ORIGIN' ? {} : { mode: state }
  return { kind: 'enableTrigger', table, trigger, ...mode, was }
}

import type { EventTriggerOperation } from '../event-triggers.ts'
import type { Inverters } from './inverters.ts'
import { recreated } from './recreated.ts'

export const eventTriggerInverters: Inverters<EventTriggerOperation> = {
  createEventTrigger: ({ kind: _kind, eventTrigger, ...definition }) => ({
    kind: 'dropEventTrigger',
    eventTrigger,
    was: definition,
  }),
  dropEventTrigger: (operation) =>
    recreated(operation, 'the definition of the event trigger', (definition) => ({
      kind: 'createEventTrigger',
      eventTrigger: operation.eventTrigger,
      ...definition,
    })),
}

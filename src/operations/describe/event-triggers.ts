import type { EventTriggerOperation } from '../event-triggers.ts'
import type { Describers } from './describers.ts'
import { quote } from './words.ts'

export const eventTriggerDescribers: Describers<EventTriggerOperation> = {
  createEventTrigger: (op) =>
    `create event trigger ${quote(op.eventTrigger)} on ${op.on.toLowerCase()}`,
  dropEventTrigger: (op) => `drop event trigger ${quote(op.eventTrigger)}`,
}

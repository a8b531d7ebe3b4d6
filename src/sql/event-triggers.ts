import type { EventTriggerOperation } from '../operations/event-triggers.ts'
import type { Compilers } from './compilers.ts'
import { identifier, qualifiedName } from './identifier.ts'
import { literal } from './literal.ts'
import { words } from './words.ts'

export const eventTriggerCompilers: Compilers<EventTriggerOperation> = {
  createEventTrigger: (op) =>
    words(
      `CREATE EVENT TRIGGER ${identifier(op.eventTrigger)} ON ${op.on.toLowerCase()}`,
      op.tags && `WHEN TAG IN (${op.tags.map(literal).join(', ')})`,
      `EXECUTE FUNCTION ${qualifiedName(op.execute)}()`,
    ),

  dropEventTrigger: (op) => `DROP EVENT TRIGGER ${identifier(op.eventTrigger)}`,
}

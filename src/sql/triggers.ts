import type { QualifiedName } from '../operations/definitions.ts'
import type { CreateTrigger, TriggerEvent, TriggerOperation } from '../operations/triggers.ts'
import type { Compilers } from './compilers.ts'
import { identifier, qualifiedName } from './identifier.ts'
import { literal } from './literal.ts'
import { dropTouchOnUpdate, touchOnUpdate } from './touch-on-update.ts'
import { words } from './words.ts'

export const triggerCompilers: Compilers<TriggerOperation> = {
  createTrigger: (op) =>
    words(
      op.replace ? 'CREATE OR REPLACE' : 'CREATE',
      op.constraint && 'CONSTRAINT',
      `TRIGGER ${identifier(op.trigger)}`,
      `${op.when} ${op.events.map(event).join(' OR ')}`,
      `ON ${qualifiedName(op.table)}`,
      op.deferrable && `DEFERRABLE INITIALLY ${op.deferrable}`,
      referencing(op.referencing),
      op.forEach && `FOR EACH ${op.forEach}`,
      op.condition !== undefined && `WHEN (${op.condition})`,
      `EXECUTE FUNCTION ${qualifiedName(op.execute)}(${(op.args ?? []).map(literal).join(', ')})`,
    ),

  renameTrigger: (op) =>
    `ALTER TRIGGER ${identifier(op.trigger)} ON ${qualifiedName(op.table)} RENAME TO ${identifier(op.to)}`,

  dropTrigger: (op) => `DROP TRIGGER ${identifier(op.trigger)} ON ${qualifiedName(op.table)}`,

  enableTrigger: (op) => switched(op.table, words('ENABLE', op.mode), op.trigger),

  disableTrigger: (op) => switched(op.table, 'DISABLE', op.trigger),

  touchOnUpdate,

  dropTouchOnUpdate,
}

function event(input: TriggerEvent): string {
  if (typeof input === 'string') return input
  return `UPDATE OF ${input.update.map(identifier).join(', ')}`
}

function referencing(tables: CreateTrigger['referencing']): string | undefined {
  if (!tables) return undefined
  return words(
    'REFERENCING',
    tables.oldTable !== undefined && `OLD TABLE AS ${identifier(tables.oldTable)}`,
    tables.newTable !== undefined && `NEW TABLE AS ${identifier(tables.newTable)}`,
  )
}

function switched(table: QualifiedName, how: string, trigger: string): string {
  return `ALTER TABLE ${qualifiedName(table)} ${how} TRIGGER ${identifier(trigger)}`
}

import type { TriggerOperation } from '../triggers.ts'
import type { Describers } from './describers.ts'
import { full, quote } from './words.ts'

export const triggerDescribers: Describers<TriggerOperation> = {
  createTrigger: (op) =>
    `${op.replace ? 'create or replace' : 'create'} trigger ${quote(op.trigger)} of table ${full(op.table)}`,
  disableTrigger: (op) => `disable trigger ${quote(op.trigger)} of table ${full(op.table)}`,
  dropTouchOnUpdate: (op) =>
    `no longer set column ${quote(op.column)} of table ${full(op.table)} on update`,
  dropTrigger: (op) => `drop trigger ${quote(op.trigger)} of table ${full(op.table)}`,
  enableTrigger: (op) =>
    `enable ${op.mode ? `${op.mode.toLowerCase()} ` : ''}trigger ${quote(op.trigger)} of table ${full(op.table)}`,
  renameTrigger: (op) =>
    `rename trigger ${quote(op.trigger)} of table ${full(op.table)} to ${quote(op.to)}`,
  touchOnUpdate: (op) =>
    `set column ${quote(op.column)} of table ${full(op.table)} to now on every update`,
}

import type { SequenceOperation } from '../sequences.ts'
import type { Describers } from './describers.ts'
import { full, list, quote } from './words.ts'

export const sequenceDescribers: Describers<SequenceOperation> = {
  alterSequence: (op) => `alter sequence ${full(op.sequence)} ${list(Object.keys(op.changes))}`,
  createSequence: (op) => `create sequence ${full(op.sequence)}`,
  dropSequence: (op) => `drop sequence ${full(op.sequence)}`,
  renameSequence: (op) => `rename sequence ${full(op.sequence)} to ${quote(op.to)}`,
}

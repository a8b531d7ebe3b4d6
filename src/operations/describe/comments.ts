import type { CommentOperation } from '../comments.ts'
import type { Describers } from './describers.ts'
import { target } from './targets.ts'

export const commentDescribers: Describers<CommentOperation> = {
  comment: (op) => `${op.text === null ? 'remove comment of' : 'comment on'} ${target(op.on)}`,
}

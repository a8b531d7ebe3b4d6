import type { CommentOperation } from '../comments.ts'
import type { Inverters } from './inverters.ts'
import { irreversible } from './recorded.ts'

export const commentInverters: Inverters<CommentOperation> = {
  comment: (operation) => {
    const { kind, on, text, was } = operation
    if (was === undefined) throw irreversible(operation, 'the comment before it')
    return { kind, on, text: was, was: text }
  },
}

import type { CommentOperation } from '../operations/comments.ts'
import type { Compilers } from './compilers.ts'
import { literal } from './literal.ts'
import { target } from './targets.ts'

export const commentCompilers: Compilers<CommentOperation> = {
  comment: (op) => `COMMENT ON ${target(op.on)} IS ${literal(op.text)}`,
}

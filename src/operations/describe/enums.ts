import type { EnumOperation } from '../enums.ts'
import type { Describers } from './describers.ts'
import { full, list, quote } from './words.ts'

export const enumDescribers: Describers<EnumOperation> = {
  addTypeValue: (op) => `add value ${quote(op.value)}${place(op)} to type ${full(op.type)}`,
  createType: (op) => `create type ${full(op.type)} ${list(op.values)}`,
  renameTypeValue: (op) =>
    `rename value ${quote(op.from)} of type ${full(op.type)} to ${quote(op.to)}`,
  replaceType: (op) => `replace type ${full(op.type)} with ${list(op.values)}`,
}

function place({ before, after }: { before?: string; after?: string }): string {
  if (before !== undefined) return ` before ${quote(before)}`
  return after === undefined ? '' : ` after ${quote(after)}`
}

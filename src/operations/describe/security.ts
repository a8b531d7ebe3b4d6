import type { SecurityOperation } from '../security.ts'
import type { Describers } from './describers.ts'
import { full, quote } from './words.ts'

export const securityDescribers: Describers<SecurityOperation> = {
  alterPolicy: (op) => `change policy ${quote(op.policy)} of table ${full(op.table)}`,
  disableRls: (op) => `disable row level security of table ${full(op.table)}`,
  dropPolicy: (op) => `drop policy ${quote(op.policy)} of table ${full(op.table)}`,
  enableRls: (op) =>
    `${op.force ? 'enable and force' : 'enable'} row level security of table ${full(op.table)}`,
  policy: (op) =>
    `create policy ${quote(op.policy)} for ${op.for.toLowerCase()} of table ${full(op.table)}`,
  renamePolicy: (op) =>
    `rename policy ${quote(op.policy)} of table ${full(op.table)} to ${quote(op.to)}`,
}

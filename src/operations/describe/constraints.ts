import type { ConstraintOperation } from '../constraints.ts'
import type { Describers } from './describers.ts'
import { full, list, quote } from './words.ts'

export const constraintDescribers: Describers<ConstraintOperation> = {
  addCheck: (op) => `add check ${quote(op.constraint.name)} to table ${full(op.table)}`,
  addExclude: (op) => `add exclusion ${quote(op.constraint.name)} to table ${full(op.table)}`,
  addForeignKey: (op) =>
    `add foreign key ${quote(op.constraint.name)} from table ${full(op.table)} to table ${full(op.constraint.references.table)}`,
  addPrimaryKey: (op) =>
    `add primary key ${list(op.constraint.columns)} to table ${full(op.table)}`,
  addUnique: (op) => `add unique ${list(op.constraint.columns)} to table ${full(op.table)}`,
  dropCheck: (op) => `drop check ${quote(op.name)} of table ${full(op.table)}`,
  dropExclude: (op) => `drop exclusion ${quote(op.name)} of table ${full(op.table)}`,
  dropForeignKey: (op) => `drop foreign key ${quote(op.name)} of table ${full(op.table)}`,
  dropPrimaryKey: (op) => `drop primary key ${quote(op.name)} of table ${full(op.table)}`,
  dropUnique: (op) => `drop unique ${quote(op.name)} of table ${full(op.table)}`,
  renameConstraint: (op) =>
    `rename constraint ${quote(op.from)} of table ${full(op.table)} to ${quote(op.to)}`,
  validateConstraint: (op) => `validate constraint ${quote(op.name)} of table ${full(op.table)}`,
}

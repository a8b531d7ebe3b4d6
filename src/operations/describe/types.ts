import type { TypeOperation } from '../types.ts'
import type { Describers } from './describers.ts'
import { domainDescribers } from './domains.ts'
import { enumDescribers } from './enums.ts'
import { full, list, quote } from './words.ts'

export const typeDescribers: Describers<TypeOperation> = {
  ...domainDescribers,
  ...enumDescribers,
  addTypeAttribute: (op) => `add attribute ${quote(op.attribute.name)} to type ${full(op.type)}`,
  alterTypeAttribute: (op) =>
    `change type of attribute ${quote(op.attribute)} of type ${full(op.type)} to ${op.to.type}`,
  createCompositeType: (op) =>
    `create composite type ${full(op.type)} ${list(op.attributes.map(({ name }) => name))}`,
  createRange: (op) => `create range type ${full(op.type)} of ${op.subtype}`,
  dropType: (op) => `drop type ${full(op.type)}`,
  dropTypeAttribute: (op) => `drop attribute ${quote(op.attribute)} of type ${full(op.type)}`,
  dropTypeIfExists: (op) => `drop type ${full(op.type)} if it exists`,
  renameType: (op) => `rename type ${full(op.type)} to ${quote(op.to)}`,
  renameTypeAttribute: (op) =>
    `rename attribute ${quote(op.from)} of type ${full(op.type)} to ${quote(op.to)}`,
}

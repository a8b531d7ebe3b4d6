import type { DomainOperation } from '../domains.ts'
import type { Describers } from './describers.ts'
import { full, quote } from './words.ts'

export const domainDescribers: Describers<DomainOperation> = {
  addDomainCheck: (op) => `add check ${quote(op.check.name)} to domain ${full(op.domain)}`,
  createDomain: (op) => `create domain ${full(op.domain)} of type ${op.type}`,
  dropDomain: (op) => `drop domain ${full(op.domain)}`,
  dropDomainCheck: (op) => `drop check ${quote(op.name)} of domain ${full(op.domain)}`,
  dropDomainDefault: (op) => `drop default of domain ${full(op.domain)}`,
  renameDomain: (op) => `rename domain ${full(op.domain)} to ${quote(op.to)}`,
  renameDomainCheck: (op) =>
    `rename check ${quote(op.from)} of domain ${full(op.domain)} to ${quote(op.to)}`,
  setDomainDefault: (op) => `set default of domain ${full(op.domain)}`,
  setDomainNotNull: (op) => `set domain ${full(op.domain)} not null`,
  setDomainNullable: (op) => `set domain ${full(op.domain)} nullable`,
  validateDomainCheck: (op) => `validate check ${quote(op.name)} of domain ${full(op.domain)}`,
}

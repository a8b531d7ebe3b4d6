import type { DomainOperation } from '../domains.ts'
import type { Inverters } from './inverters.ts'
import { irreversible, recorded } from './recorded.ts'
import { recreated } from './recreated.ts'

export const domainInverters: Inverters<DomainOperation> = {
  addDomainCheck: ({ domain, check }) => ({
    kind: 'dropDomainCheck',
    domain,
    name: check.name,
    was: check,
  }),
  createDomain: ({ kind: _kind, domain, ...definition }) => ({
    kind: 'dropDomain',
    domain,
    was: definition,
  }),
  dropDomain: (operation) =>
    recreated(operation, 'the definition of the domain', (definition) => ({
      kind: 'createDomain',
      domain: operation.domain,
      ...definition,
    })),
  dropDomainCheck: (operation) => ({
    kind: 'addDomainCheck',
    domain: operation.domain,
    check: recorded(operation, 'the definition of the check'),
  }),
  dropDomainDefault: (operation) => {
    const { domain, was } = operation
    if (was === undefined) throw irreversible(operation, 'the default before it')
    return was === null ? undefined : { kind: 'setDomainDefault', domain, default: was, was: null }
  },
  renameDomain: ({ kind, domain, to }) => ({
    kind,
    domain: { ...domain, name: to },
    to: domain.name,
  }),
  renameDomainCheck: ({ kind, domain, from, to }) => ({ kind, domain, from: to, to: from }),
  setDomainDefault: (operation) => {
    const { kind, domain, default: now, was } = operation
    if (was === undefined) throw irreversible(operation, 'the default before it')
    if (was === null) return { kind: 'dropDomainDefault', domain, was: now }
    return { kind, domain, default: was, was: now }
  },
  setDomainNotNull: ({ domain }) => ({ kind: 'setDomainNullable', domain }),
  setDomainNullable: ({ domain }) => ({ kind: 'setDomainNotNull', domain }),
  validateDomainCheck: () => undefined,
}

import type { QualifiedName } from '../operations/definitions.ts'
import type { DomainCheckDefinition, DomainOperation } from '../operations/domains.ts'
import { defaultValue } from './columns.ts'
import type { Compilers } from './compilers.ts'
import { identifier, qualifiedName } from './identifier.ts'
import { words } from './words.ts'

export const domainCompilers: Compilers<DomainOperation> = {
  addDomainCheck: (op) =>
    alter(op, words(`ADD ${checkClause(op.check)}`, op.check.notValid && 'NOT VALID')),

  createDomain: (op) =>
    words(
      `CREATE DOMAIN ${qualifiedName(op.domain)} AS ${op.type}`,
      op.collate && `COLLATE ${qualifiedName(op.collate)}`,
      op.default && `DEFAULT ${defaultValue(op.default)}`,
      !op.nullable && 'NOT NULL',
      ...op.checks.map(checkClause),
    ),

  dropDomain: (op) => `DROP DOMAIN ${qualifiedName(op.domain)}`,

  dropDomainCheck: (op) => alter(op, `DROP CONSTRAINT ${identifier(op.name)}`),

  dropDomainDefault: (op) => alter(op, 'DROP DEFAULT'),

  renameDomain: (op) => alter(op, `RENAME TO ${identifier(op.to)}`),

  renameDomainCheck: (op) =>
    alter(op, `RENAME CONSTRAINT ${identifier(op.from)} TO ${identifier(op.to)}`),

  setDomainDefault: (op) => alter(op, `SET DEFAULT ${defaultValue(op.default)}`),

  setDomainNotNull: (op) => alter(op, 'SET NOT NULL'),

  setDomainNullable: (op) => alter(op, 'DROP NOT NULL'),

  validateDomainCheck: (op) => alter(op, `VALIDATE CONSTRAINT ${identifier(op.name)}`),
}

function alter(op: { readonly domain: QualifiedName }, change: string): string {
  return `ALTER DOMAIN ${qualifiedName(op.domain)} ${change}`
}

function checkClause({ name, expression }: DomainCheckDefinition): string {
  return `CONSTRAINT ${identifier(name)} CHECK (${expression})`
}

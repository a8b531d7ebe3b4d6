import { BuilderError } from '../errors.ts'
import type { DefaultDefinition, QualifiedName } from '../operations/definitions.ts'
import type { DomainCheckDefinition, DomainDefinition } from '../operations/domains.ts'
import { generatedName } from '../operations/generated-name.ts'
import { checkIdentifier } from '../sql/identifier.ts'
import { checkType } from './data-type.ts'
import { defaultDefinition } from './default-value.ts'
import type { DefaultInput } from './default-value.ts'
import type { NameInput } from './names.ts'
import { collation, expression } from './parse.ts'
import { isSql } from './sql-fragment.ts'
import type { Sql } from './sql-fragment.ts'

export interface DomainOptions {
  /** Whether a value can be NULL. Default: `true`; whether a column can be is the column's matter. */
  readonly nullable?: boolean
  /** The default of columns that have none of their own, with the rules of `defaultTo`. */
  readonly default?: DefaultInput
  /**
   * What must not be false for any value, which the expression calls `VALUE`. Several go by name:
   * `{ positive: 'VALUE > 0', even: 'VALUE % 2 = 0' }`. Default name: `<domain>_check`.
   */
  readonly check?: string | Sql | Readonly<Record<string, string | Sql>>
  readonly collate?: NameInput
}

/** What the default of a domain was. */
export interface DomainDefaultBefore {
  /** The default before. */
  readonly defaultValue?: DefaultInput
  /** There was no default before. */
  readonly noDefault?: true
}

export function domainDefinition(
  domain: QualifiedName,
  type: string,
  { nullable = true, default: value, check, collate }: DomainOptions,
): DomainDefinition {
  return {
    type: checkType(type),
    nullable,
    ...(value !== undefined && { default: defaultDefinition(value, type) }),
    ...(collate !== undefined && { collate: collation(collate) }),
    checks: check === undefined ? [] : checks(domain, check),
  }
}

function checks(
  domain: QualifiedName,
  input: NonNullable<DomainOptions['check']>,
): DomainCheckDefinition[] {
  if (typeof input === 'string' || isSql(input)) {
    return [domainCheck(generatedName([domain.name], 'check'), input)]
  }
  return Object.entries(input).map(([name, condition]) => domainCheck(name, condition))
}

export function domainCheck(name: string, condition: string | Sql): DomainCheckDefinition {
  checkIdentifier(name)
  return { name, expression: expression(condition, 'check') }
}

/** The default of a domain whose type is not known. */
export function newDomainDefault(domain: QualifiedName, value: DefaultInput): DefaultDefinition {
  if (Array.isArray(value)) {
    throw new BuilderError('BAD_VALUE', {
      what: `the default of domain "${domain.name}" can be an array or JSON`,
      why: 'its type is not known here',
      fix: "write it as SQL: sql`'[]'::jsonb`",
      details: { domain: domain.name },
    })
  }
  // As for a column whose type is not known.
  return defaultDefinition(value, value === 'now()' ? 'timestamptz' : 'unknown')
}

export function domainDefaultBefore(
  domain: QualifiedName,
  was: DomainDefaultBefore | undefined,
): { was?: DefaultDefinition | null } {
  if (was?.noDefault) return { was: null }
  if (was?.defaultValue === undefined) return {}
  return { was: newDomainDefault(domain, was.defaultValue) }
}

import { checkIdentifier } from '../../sql/identifier.ts'
import type { DefaultInput } from '../default-value.ts'
import {
  domainCheck,
  domainDefaultBefore,
  domainDefinition,
  newDomainDefault,
} from '../domain-definition.ts'
import type { DomainDefaultBefore, DomainOptions } from '../domain-definition.ts'
import { parseName } from '../names.ts'
import type { NameInput } from '../names.ts'
import { renamed } from '../renamed.ts'
import type { Sql } from '../sql-fragment.ts'
import { EnumCalls } from './enum-calls.ts'

/** Domains: types with rules. */
export abstract class DomainCalls extends EnumCalls {
  /**
   * Creates a domain: a type with rules of its own.
   *
   * @param name - `'email'`, `'app.email'`, or `{ schema, name }`.
   * @param type - The type below it, as SQL writes it.
   * @param options - `check`, `default`, `nullable`, `collate`.
   * @example
   * ```ts
   * builder.createDomain('email', 'text', { check: "VALUE LIKE '%@%'" })
   * builder.createDomain('percent', 'integer', {
   *   default: 0,
   *   check: { percent_from: 'VALUE >= 0', percent_to: 'VALUE <= 100' },
   * })
   * ```
   */
  createDomain(name: NameInput, type: string, options: DomainOptions = {}): this {
    const domain = parseName(name)
    return this.record({
      kind: 'createDomain',
      domain,
      ...domainDefinition(domain, type, options),
    })
  }

  /**
   * Drops a domain that nothing uses.
   *
   * @param options - `was`: its `type` and the options it was created with, so that this can be
   *   undone.
   * @example
   * ```ts
   * builder.dropDomain('email', { was: { type: 'text', check: "VALUE LIKE '%@%'" } })
   * ```
   */
  dropDomain(
    name: NameInput,
    { was }: { readonly was?: DomainOptions & { readonly type: string } } = {},
  ): this {
    const domain = parseName(name)
    return this.record({
      kind: 'dropDomain',
      domain,
      ...(was && { was: domainDefinition(domain, was.type, was) }),
    })
  }

  /**
   * Renames a domain; it stays in its schema.
   *
   * @example
   * ```ts
   * builder.renameDomain('email', 'mail_address')
   * ```
   */
  renameDomain(from: NameInput, to: NameInput): this {
    const { old, to: target } = renamed('domain', from, to)
    return this.record({ kind: 'renameDomain', domain: old, to: target })
  }

  /**
   * Adds a check to a domain. Every column that uses the domain is read, unless `notValid` says
   * that only new values count.
   *
   * @param check - The name of the check.
   * @param condition - What must not be false for any value, which it calls `VALUE`.
   * @param options - `notValid`: leaves stored values to `validateDomainCheck`. Default: `false`.
   * @example
   * ```ts
   * builder.addDomainCheck('email', 'email_is_short', 'length(VALUE) <= 320', { notValid: true })
   * ```
   */
  addDomainCheck(
    name: NameInput,
    check: string,
    condition: string | Sql,
    options: { readonly notValid?: boolean } = {},
  ): this {
    return this.record({
      kind: 'addDomainCheck',
      domain: parseName(name),
      check: { ...domainCheck(check, condition), ...(options.notValid && { notValid: true }) },
    })
  }

  /**
   * Drops a check of a domain.
   *
   * @param check - The name of the check; the one without a name of its own is `<domain>_check`.
   * @param options - `was`: its condition, so that this can be undone.
   * @example
   * ```ts
   * builder.dropDomainCheck('email', 'email_is_short', { was: 'length(VALUE) <= 320' })
   * ```
   */
  dropDomainCheck(
    name: NameInput,
    check: string,
    { was }: { readonly was?: string | Sql } = {},
  ): this {
    checkIdentifier(check)
    return this.record({
      kind: 'dropDomainCheck',
      domain: parseName(name),
      name: check,
      ...(was !== undefined && { was: domainCheck(check, was) }),
    })
  }

  /**
   * Renames a check of a domain.
   *
   * @example
   * ```ts
   * builder.renameDomainCheck('email', 'email_check', 'email_has_an_at')
   * ```
   */
  renameDomainCheck(name: NameInput, from: string, to: string): this {
    checkIdentifier(from)
    checkIdentifier(to)
    return this.record({ kind: 'renameDomainCheck', domain: parseName(name), from, to })
  }

  /**
   * Reads the values that `addDomainCheck` with `notValid` has passed over; fails on a bad one.
   * There is nothing to undo.
   *
   * @example
   * ```ts
   * builder.validateDomainCheck('email', 'email_is_short')
   * ```
   */
  validateDomainCheck(name: NameInput, check: string): this {
    checkIdentifier(check)
    return this.record({ kind: 'validateDomainCheck', domain: parseName(name), name: check })
  }

  /**
   * Sets the default of a domain, for columns that have none of their own.
   *
   * @param value - With the rules of `defaultTo`; an array or object needs `` sql`…` ``.
   * @param options - `was`: `{ defaultValue }` before or `{ noDefault: true }`, so that this can be
   *   undone.
   * @example
   * ```ts
   * builder.setDomainDefault('percent', 50, { was: { defaultValue: 0 } })
   * ```
   */
  setDomainDefault(
    name: NameInput,
    value: DefaultInput,
    { was }: { readonly was?: DomainDefaultBefore } = {},
  ): this {
    const domain = parseName(name)
    return this.record({
      kind: 'setDomainDefault',
      domain,
      default: newDomainDefault(domain, value),
      ...domainDefaultBefore(domain, was),
    })
  }

  /**
   * Removes the default of a domain.
   *
   * @param options - `was`: `{ defaultValue }` before or `{ noDefault: true }`, so that this can be
   *   undone.
   * @example
   * ```ts
   * builder.dropDomainDefault('percent', { was: { defaultValue: 50 } })
   * ```
   */
  dropDomainDefault(name: NameInput, { was }: { readonly was?: DomainDefaultBefore } = {}): this {
    const domain = parseName(name)
    return this.record({
      kind: 'dropDomainDefault',
      domain,
      ...domainDefaultBefore(domain, was),
    })
  }

  /**
   * Forbids NULL in every column of a domain; reads them all. Undone, NULL is allowed.
   *
   * @example
   * ```ts
   * builder.setDomainNotNull('percent')
   * ```
   */
  setDomainNotNull(name: NameInput): this {
    return this.record({ kind: 'setDomainNotNull', domain: parseName(name) })
  }

  /**
   * Allows NULL in a domain; a column can still forbid it. Undone, NULL is forbidden.
   *
   * @example
   * ```ts
   * builder.setDomainNullable('percent')
   * ```
   */
  setDomainNullable(name: NameInput): this {
    return this.record({ kind: 'setDomainNullable', domain: parseName(name) })
  }
}

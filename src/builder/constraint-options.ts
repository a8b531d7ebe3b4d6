import type { Deferral } from '../operations/definitions.ts'
import { checkIdentifier } from '../sql/identifier.ts'
import { parseColumns } from './names.ts'
import { assertOneOf } from './parse.ts'

/** Names a constraint or index instead of leaving it to the naming rule. */
export interface NameOption {
  readonly name?: string
}

export interface DeferrableOption {
  /**
   * The check can be put off to the end of the transaction: `'immediate'` unless the transaction
   * asks for it, `'deferred'` unless it does not. Default: not deferrable.
   */
  readonly deferrable?: 'deferred' | 'immediate'
}

export interface KeyOptions extends NameOption, DeferrableOption {
  /** Columns that the index carries without being part of the key. */
  readonly include?: string | readonly string[]
}

export interface PrimaryKeyOptions extends KeyOptions {
  /**
   * Which of the columns allow NULL until now, so that this can be undone: the key makes them
   * NOT NULL. `{ nullable: [] }` says none. For a table or column that is new in the same migration
   * it is known without.
   */
  readonly was?: { readonly nullable: string | readonly string[] }
}

export interface UniqueOptions extends KeyOptions {
  /** Two NULLs count as equal (PostgreSQL 15 and later). Default: `false`. */
  readonly nullsNotDistinct?: boolean
}

export interface CheckOptions {
  /** Rows that are there already are not looked at until `validateConstraint`. Default: `false`. */
  readonly notValid?: boolean
  /** Child tables do not inherit it. Default: `false`. */
  readonly noInherit?: boolean
}

export interface ForeignKeyOptions extends NameOption, DeferrableOption {
  /** Rows that are there already are not looked at until `validateConstraint`. Default: `false`. */
  readonly notValid?: boolean
  /** How NULLs in a key of several columns count. Default: `simple`. */
  readonly match?: 'full' | 'simple'
}

interface KeyParts {
  deferrable?: Deferral
  include?: readonly string[]
}

/** A name of the caller's own, where there is one. */
export function named({ name }: NameOption): { name?: string } {
  if (name === undefined) return {}
  checkIdentifier(name)
  return { name }
}

export function deferral({ deferrable }: DeferrableOption): { deferrable?: Deferral } {
  if (deferrable === undefined) return {}
  return { deferrable: assertOneOf('deferrable', ['DEFERRED', 'IMMEDIATE'], deferrable) }
}

export function keyParts(options: KeyOptions): KeyParts {
  if (options.name !== undefined) checkIdentifier(options.name)
  return {
    ...deferral(options),
    ...(options.include !== undefined && { include: parseColumns(options.include) }),
  }
}

export function foreignKeyParts({ notValid, match, ...options }: ForeignKeyOptions): {
  deferrable?: Deferral
  match?: 'FULL' | 'SIMPLE'
  notValid?: true
} {
  return {
    ...deferral(options),
    ...(match && { match: assertOneOf('match', ['FULL', 'SIMPLE'], match) }),
    ...(notValid && { notValid: true as const }),
  }
}

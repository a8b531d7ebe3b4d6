import { BuilderError } from '../errors.ts'
import type {
  DefaultDefinition,
  PartitionBound,
  PartitionByDefinition,
} from '../operations/definitions.ts'
import { checkIdentifier } from '../sql/identifier.ts'
import { defaultDefinition } from './default-value.ts'
import type { DefaultInput } from './default-value.ts'
import { assertOneOf } from './parse.ts'
import { isSql } from './sql-fragment.ts'
import type { Sql } from './sql-fragment.ts'

/** A column, or an expression made by `sql`. */
export type PartitionKeyInput = string | Sql

/** A constant or expression of a bound. The open ends of a range are `` sql`MINVALUE` `` and `` sql`MAXVALUE` ``. */
export type PartitionValue = DefaultInput

/**
 * Which rows a partition takes: those from one value up to, and without, another; those with one of
 * some values; those whose hash leaves a remainder; or all other rows.
 */
export type PartitionBoundInput =
  | 'default'
  | {
      readonly from: PartitionValue | readonly PartitionValue[]
      readonly to: PartitionValue | readonly PartitionValue[]
    }
  | { readonly in: readonly PartitionValue[] }
  | { readonly modulus: number; readonly remainder: number }

export function partitionByDefinition(
  strategy: 'hash' | 'list' | 'range',
  keys: PartitionKeyInput | readonly PartitionKeyInput[],
): PartitionByDefinition {
  const list = isList(keys) ? keys : [keys]
  if (list.length === 0) {
    throw new BuilderError('BAD_DEFINITION', {
      what: 'partitionBy has no keys',
      fix: "name a column: partitionBy('range', 'created_at')",
    })
  }
  return {
    strategy: assertOneOf('partitionBy', ['HASH', 'LIST', 'RANGE'], strategy),
    keys: list.map((key) => {
      if (isSql(key)) return { expression: key.sql }
      checkIdentifier(key)
      return { column: key }
    }),
  }
}

export function partitionBound(input: PartitionBoundInput): PartitionBound {
  if (input === 'default') return { default: true }
  if ('in' in input) return { in: input.in.map(value) }
  if ('from' in input) return { from: values(input.from), to: values(input.to) }
  const { modulus, remainder } = input
  if (Number.isInteger(modulus) && Number.isInteger(remainder) && remainder < modulus) {
    return { modulus, remainder }
  }
  throw new BuilderError('BAD_DEFINITION', {
    what: 'a partition takes rows by { from, to }, { in }, { modulus, remainder } or as the default',
    fix: "write { from: '2026-01-01', to: '2027-01-01' }, { in: ['a'] }, { modulus: 4, remainder: 0 } or 'default'",
  })
}

function values(input: PartitionValue | readonly PartitionValue[]): DefaultDefinition[] {
  return (Array.isArray(input) ? (input as readonly PartitionValue[]) : [input]).map(value)
}

function value(input: unknown): DefaultDefinition {
  // The type of the key is PostgreSQL's to know; text that says now() is text.
  return defaultDefinition(input as DefaultInput, 'text')
}

function isList(
  keys: PartitionKeyInput | readonly PartitionKeyInput[],
): keys is readonly PartitionKeyInput[] {
  return Array.isArray(keys)
}

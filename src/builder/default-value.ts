import { BuilderError } from '../errors.ts'
import type { DefaultDefinition } from '../operations/definitions.ts'
import { literal } from '../sql/literal.ts'
import { typeFamily } from './data-type.ts'
import { isSql } from './sql-fragment.ts'
import type { Sql } from './sql-fragment.ts'

/** What `defaultTo` takes: a constant, or an expression made by `sql` or `rawSql`. */
export type DefaultInput =
  | Sql
  | string
  | number
  | bigint
  | boolean
  | null
  | Date
  | Uint8Array
  | readonly unknown[]
  | { readonly [key: string]: unknown }

const LOOKS_LIKE_CALL = /^[a-z_][\w.]*\s*\(.*\)$/is
const KEYWORD =
  /^(current_(date|time|timestamp|user|role|schema|catalog)|local(time|timestamp)|session_user|user)$/i
const FROZEN = /^(now|today|tomorrow|yesterday)$/i

/** The definition of a default, in a form that survives JSON. `type` is the column's. */
export function defaultDefinition(input: DefaultInput, type: string): DefaultDefinition {
  const definition = toDefinition(input, type)
  // Written once here, so that what cannot be written fails at the call that has it.
  if ('value' in definition) literal(definition.value)
  return definition
}

function toDefinition(input: DefaultInput, type: string): DefaultDefinition {
  if (isSql(input)) return { sql: input.sql }
  if (input === undefined) {
    throw bad('undefined is not a default', 'pass a value, null, or leave defaultTo() out')
  }
  const family = typeFamily(type)
  if (input === null) return { value: null }
  if (typeof input === 'string') return stringDefault(input, type)
  if (family === 'json') return { value: json(input) }
  if (typeof input === 'boolean') return { value: input }
  if (typeof input === 'number')
    return { value: Number.isFinite(input) ? input + 0 : String(input) }
  if (Array.isArray(input)) {
    if (family === 'array' || family === 'other') return { value: arrayLiteral(input) }
    throw bad(
      `an array is not a default for a column of type ${type}`,
      'make the column an array or jsonb',
    )
  }
  return { value: scalarText(input) }
}

function stringDefault(input: string, type: string): DefaultDefinition {
  const family = typeFamily(type)
  const text = input.trim()
  if (family === 'date') {
    if (text.toLowerCase() === 'now()') return { sql: 'now()' }
    if (FROZEN.test(text)) {
      throw bad(
        `'${input}' as a default is the moment the table is created, for ever`,
        "write defaultTo('now()') or defaultTo(sql`…`)",
      )
    }
  }
  const isText = family === 'text' || family === 'json' || family === 'array' || family === 'other'
  if (!isText && (LOOKS_LIKE_CALL.test(text) || KEYWORD.test(text))) {
    throw bad(
      `'${input}' is text, not an expression, and a column of type ${type} cannot hold it`,
      `write defaultTo(sql\`${text}\`) or defaultTo(rawSql('${text.replaceAll("'", "\\'")}'))`,
    )
  }
  return { value: input }
}

function scalarText(input: Exclude<DefaultInput, string | number | boolean | null>): string {
  if (typeof input === 'bigint') return String(input)
  if (input instanceof Date) {
    if (Number.isNaN(input.getTime()))
      throw bad('an invalid Date is not a default', 'pass a valid Date')
    return input.toISOString()
  }
  if (input instanceof Uint8Array) return `\\x${Buffer.from(input).toString('hex')}`
  return json(input)
}

function json(input: unknown): string {
  const text: string | undefined = JSON.stringify(input, (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  )
  if (text === undefined) {
    throw bad(`a ${typeof input} is not a default`, 'pass something JSON can hold')
  }
  return text
}

/** PostgreSQL's text form of an array, `{1,"a b",NULL}`: it takes the column's own element type. */
function arrayLiteral(items: readonly unknown[]): string {
  return `{${items.map(arrayItem).join(',')}}`
}

function arrayItem(item: unknown): string {
  if (item === null || item === undefined) return 'NULL'
  if (Array.isArray(item)) return arrayLiteral(item)
  const text =
    typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean'
      ? String(item)
      : scalarText(item as Exclude<DefaultInput, string | number | boolean | null>)
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`
}

function bad(what: string, fix: string): BuilderError {
  return new BuilderError('BAD_VALUE', { what, fix })
}

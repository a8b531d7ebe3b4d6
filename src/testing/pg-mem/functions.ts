import type { FunctionDefinition, IMemoryDb } from 'pg-mem'

import { BIGINT, checkRange, type ColumnType, type TypeName } from './column-type.ts'
import { readLiteral } from './literal-value.ts'
import { fail, refuse } from './sql-node.ts'
import { isJsonNull, jsonText } from './value-text.ts'

// What pg-mem computes in another way than PostgreSQL, or not at all, is computed here.

type Maybe<T> = T | null

/**
 * Registers them, as `faasjs_<name>`.
 *
 * @param movedRow - The new place of a row that changes.
 */
export function registerFunctions(database: IMemoryDb, movedRow: (place: number) => number): void {
  const moved: Definition = [['integer'], 'integer', movedRow]
  for (const [name, [args, returns, implementation]] of Object.entries({ ...FUNCTIONS, moved })) {
    const definition = {
      name: `faasjs_${name}`,
      args,
      returns,
      implementation,
      allowNullArguments: true,
      // Computed when the statement runs, not when it is planned: an error belongs to a row.
      impure: true,
    }
    // The names of types are those of an enum of pg-mem, which is not imported for them.
    database.public.registerFunction(definition as unknown as FunctionDefinition)
  }
}

type Definition = readonly [args: readonly string[], returns: string, implementation: unknown]

const FUNCTIONS: Readonly<Record<string, Definition>> = {
  and: [['bool', 'bool'], 'bool', and],
  or: [['bool', 'bool'], 'bool', or],
  arithmetic: [['text', 'integer', 'integer', 'text'], 'integer', arithmetic],
  float: [['text', 'float', 'float'], 'float', floatArithmetic],
  integer: [['integer', 'text'], 'integer', strict(inRange)],
  parse: [['text', 'text'], 'integer', strict(parse)],
  like: [['text', 'text', 'bool'], 'bool', strict(like)],
  lower: [['text'], 'text', strict(lower)],
  upper: [['text'], 'text', strict(upper)],
  length: [['text'], 'integer', strict((text: string) => Array.from(text).length)],
  trim: [['text'], 'text', strict((text: string) => text.replace(/^ +| +$/g, ''))],
  replace: [['text', 'text', 'text'], 'text', strict(replaced)],
  json_key: [['jsonb', 'text'], 'jsonb', strict(jsonKey)],
  json_index: [['jsonb', 'integer'], 'jsonb', strict(jsonIndex)],
  json_text: [['jsonb'], 'text', strict(textOfJson)],
  contains: [['jsonb', 'jsonb'], 'bool', strict(contains)],
  shift: [['timestamptz', 'integer', 'integer', 'float'], 'timestamptz', strict(shift)],
}

/** NULL for NULL. */
function strict<Args extends unknown[], Result>(
  work: (...args: Args) => Result,
): (...args: Args) => Maybe<Result> {
  return (...args) => (args.some((arg) => arg === null || arg === undefined) ? null : work(...args))
}

function and(a: Maybe<boolean>, b: Maybe<boolean>): Maybe<boolean> {
  if (a === false || b === false) return false
  return a === true && b === true ? true : null
}

function or(a: Maybe<boolean>, b: Maybe<boolean>): Maybe<boolean> {
  if (a === true || b === true) return true
  return a === false && b === false ? false : null
}

function inRange(value: number, type: string): number {
  return checkRange(value, { name: type as TypeName })
}

function parse(text: string, type: string): number {
  return readLiteral(text, { name: type as TypeName }) as number
}

function arithmetic(
  operator: string,
  a: Maybe<number>,
  b: Maybe<number>,
  type: string,
): Maybe<number> {
  if (a === null || b === null || a === undefined || b === undefined) return null
  if (b === 0 && (operator === '/' || operator === '%')) fail('22012', 'division by zero')
  const column: ColumnType = type === 'bigint' ? BIGINT : { name: type as TypeName }
  // No negative zero: PostgreSQL has none.
  return checkRange(compute(operator, a, b) + 0, column)
}

function compute(operator: string, a: number, b: number): number {
  if (operator === '+') return a + b
  if (operator === '-') return a - b
  if (operator === '*') return a * b
  return operator === '/' ? Math.trunc(a / b) : a % b
}

function floatArithmetic(operator: string, a: Maybe<number>, b: Maybe<number>): Maybe<number> {
  if (a === null || b === null || a === undefined || b === undefined) return null
  if (b === 0 && operator === '/') fail('22012', 'division by zero')
  const value = operator === '/' ? a / b : compute(operator, a, b)
  if (!Number.isFinite(value)) fail('22003', 'value out of range: overflow')
  if (value === 0 && a !== 0 && b !== 0 && (operator === '*' || operator === '/')) {
    fail('22003', 'value out of range: underflow')
  }
  return value
}

const LIKE_PARTS = /[\s\S]/gu

function like(text: string, pattern: string, ignoresCase: boolean): boolean {
  if (pattern.includes('\\')) refuse('a backslash in a LIKE pattern is not emulated')
  const fold = ignoresCase ? lower : (same: string): string => same
  const source = fold(pattern).replace(LIKE_PARTS, (character) => {
    if (character === '%') return '[\\s\\S]*'
    return character === '_' ? '[\\s\\S]' : character.replace(/[.*+?^${}()|[\]\\/]/, '\\$&')
  })
  return new RegExp(`^${source}$`, 'u').test(fold(text))
}

function lower(text: string): string {
  return Array.from(text, (character) => mapped(character, character.toLowerCase())).join('')
}

function upper(text: string): string {
  return Array.from(text, (character) => mapped(character, character.toUpperCase())).join('')
}

/** Latin, Greek and Cyrillic letters with one counterpart; what has no case stays. */
function mapped(character: string, result: string): string {
  if (character === result || /[a-z]/i.test(character)) return result
  if (/[\u00c0-\u024f\u0370-\u04ff]/.test(character) && result.length === 1) return result
  return refuse(`upper and lower case of "${character}" are not emulated`)
}

function replaced(text: string, from: string, to: string): string {
  return from === '' ? text : text.replaceAll(from, () => to)
}

function jsonKey(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : null
}

function jsonIndex(value: unknown, index: number): unknown {
  return Array.isArray(value) ? ((value.at(index) as unknown) ?? null) : null
}

function textOfJson(value: unknown): string | null {
  if (isJsonNull(value)) return null
  return typeof value === 'string' ? value : jsonText(value)
}

function contains(a: unknown, b: unknown): boolean {
  // The one exception: an array contains a scalar that is one of its elements.
  if (Array.isArray(a) && !isObject(b)) return a.some((item) => item === b)
  return isContained(a, b)
}

function isContained(a: unknown, b: unknown): boolean {
  if (Array.isArray(b)) {
    return Array.isArray(a) && b.every((item) => a.some((other) => isContained(other, item)))
  }
  if (!isObject(b)) return a === b
  if (!isObject(a) || Array.isArray(a)) return false
  return Object.entries(b).every(
    ([key, item]) => Object.hasOwn(a, key) && isContained(a[key], item),
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** In UTC, where each day has 24 hours; a month that is shorter ends the date with it. */
function shift(time: Date, months: number, days: number, milliseconds: number): Date {
  const moved = new Date(time)
  const day = moved.getUTCDate()
  moved.setUTCDate(1)
  moved.setUTCMonth(moved.getUTCMonth() + months)
  const last = new Date(Date.UTC(moved.getUTCFullYear(), moved.getUTCMonth() + 1, 0)).getUTCDate()
  moved.setUTCDate(Math.min(day, last))
  return new Date(moved.getTime() + days * 86_400_000 + milliseconds)
}

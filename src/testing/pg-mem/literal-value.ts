import { parseArray } from '../../database/array-literal.ts'
import { type ColumnType, checkRange, isInteger, printType, storedType } from './column-type.ts'
import { fail, refuse, type SqlNode } from './sql-node.ts'

/** A value as pg-mem keeps it. */
export type Stored = unknown

/**
 * Reads a literal as PostgreSQL reads the text of a value.
 *
 * @throws what PostgreSQL says of a text that is no value of the type.
 */
export function readLiteral(text: string, type: ColumnType): Stored {
  if (isInteger(type)) return readInteger(text, type)
  switch (type.name) {
    case 'double precision':
      return readFloat(text)
    case 'numeric':
      return readNumeric(text, type)
    case 'text':
      return readText(text)
    case 'character varying':
      return readVarchar(text, type)
    case 'boolean':
      return readBoolean(text)
    case 'uuid':
      return readUuid(text)
    case 'enum':
      if (!type.values?.includes(text)) {
        fail('22P02', `invalid input value for enum ${type.enumName}: "${text}"`)
      }
      return text
    case 'json':
    case 'jsonb':
      return readJson(text)
    case 'array':
      return readArray(text, type)
    default:
      return readTime(text, type)
  }
}

/** A value as a part of a statement. */
export function literalNode(value: Stored, type: ColumnType): SqlNode {
  if (value === null) return { type: 'null' }
  if (isInteger(type)) return { type: 'integer', value }
  switch (type.name) {
    case 'double precision':
    case 'numeric':
      return { type: 'numeric', value }
    case 'text':
    case 'character varying':
    case 'enum':
      return { type: 'string', value }
    case 'boolean':
      return { type: 'boolean', value }
    case 'array':
      return arrayNode(value as readonly unknown[], type)
    case 'uuid':
      return cast(value as string, type)
    case 'json':
    case 'jsonb':
      return cast(JSON.stringify(value), type)
    default:
      return cast(timeText(value as Date, type), type)
  }
}

function cast(text: string, type: ColumnType): SqlNode {
  return { type: 'cast', operand: { type: 'string', value: text }, to: storedType(type) }
}

function arrayNode(values: readonly unknown[], type: ColumnType): SqlNode {
  if (values.length === 0) return cast('{}', type)
  const of = type.of as ColumnType
  const expressions = values.map((value) => literalNode(value, of))
  return { type: 'cast', operand: { type: 'array', expressions }, to: storedType(type) }
}

function timeText(value: Date, type: ColumnType): string {
  const iso = value.toISOString()
  if (type.name === 'date') return iso.slice(0, 10)
  return type.name === 'timestamp' ? iso.slice(0, -1) : iso
}

function invalid(type: string, text: string): never {
  return fail('22P02', `invalid input syntax for type ${type}: "${text}"`)
}

function readInteger(text: string, type: ColumnType): number {
  const match = /^\s*([+-]?\d+)\s*$/.exec(text)
  if (!match) {
    if (/^\s*[+-]?(0[xob]|\d+_)/i.test(text)) refuse('integers with a prefix or _ are not emulated')
    return invalid(type.name, text)
  }
  const value = Number(match[1])
  const limit = { smallint: 2 ** 15, integer: 2 ** 31, bigint: 2 ** 63 }[type.name as 'bigint']
  if (value >= limit || value < -limit) {
    fail('22003', `value "${text}" is out of range for type ${type.name}`)
  }
  return checkRange(value === 0 ? 0 : value, type)
}

function readFloat(text: string): number {
  if (/^\s*[+-]?(nan|inf|infinity)\s*$/i.test(text)) refuse('NaN and infinity are not emulated')
  if (!/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text)) invalid('double precision', text)
  const value = Number(text)
  if (!Number.isFinite(value)) fail('22003', `"${text}" is out of range for type double precision`)
  return value
}

function readNumeric(text: string, { precision = 0, scale = 0 }: ColumnType): number {
  const match = /^\s*([+-]?)(\d+)?(?:\.(\d*))?\s*$/.exec(text)
  const [, sign, whole = '', fraction = ''] = match ?? []
  if (!match || whole + fraction === '') {
    if (/^\s*[+-]?(nan|inf|infinity|[\d.]+e[+-]?\d+|[\d_.]+)\s*$/i.test(text)) {
      refuse(`"${text}" as a numeric is not emulated`)
    }
    return invalid('numeric', text)
  }
  const kept = fraction.replace(/0+$/, '')
  if (kept.length > scale) {
    refuse(`PostgreSQL rounds "${text}" to numeric(${precision},${scale}), pg-mem keeps it`)
  }
  if (whole.replace(/^0+/, '').length > precision - scale) {
    fail('22003', 'numeric field overflow')
  }
  const value = Number(`${sign}${whole || '0'}.${kept || '0'}`)
  return value === 0 ? 0 : value
}

function readText(text: string): string {
  if (text.includes('\0')) fail('22021', 'invalid byte sequence for encoding "UTF8": 0x00')
  if (/\p{Surrogate}/u.test(text)) refuse('a half of a surrogate pair is no character')
  // JavaScript orders by UTF-16 units, PostgreSQL by code points: they differ only among these.
  if (/[\ue000-\uffff]/.test(text) && /[\u{10000}-\u{10ffff}]/u.test(text)) {
    refuse('characters at U+E000–U+FFFF beside ones beyond U+FFFF are in another order in pg-mem')
  }
  return text
}

function readVarchar(text: string, type: ColumnType): string {
  const { length } = type
  readText(text)
  if (length === undefined) return text
  const characters = Array.from(text)
  if (characters.length <= length) return text
  // Only spaces may be cut.
  if (characters.slice(length).every((character) => character === ' ')) {
    return characters.slice(0, length).join('')
  }
  return fail('22001', `value too long for type ${printType(type)}`)
}

const WORDS = { true: true, yes: true, on: true, false: false, no: false, off: false }

function readBoolean(text: string): boolean {
  const word = text.trim().toLowerCase()
  if (word === '1' || word === '0') return word === '1'
  const found = Object.entries(WORDS).filter(([name]) => word !== '' && name.startsWith(word))
  // "o" could be on or off.
  const [first] = found
  if (!first || found.length !== 1) return invalid('boolean', text)
  return first[1]
}

function readUuid(text: string): string {
  const digits = text.toLowerCase()
  if (/^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/.test(digits)) return digits
  if (/^[{]?[\da-f-]{32,38}[}]?$/.test(digits)) refuse(`the uuid "${text}" is in a rare form`)
  return invalid('uuid', text)
}

function readJson(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    fail('22P02', 'invalid input syntax for type json')
  }
  if (value === null) refuse('a JSON null at the top is taken for NULL by pg-mem')
  for (const number of text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""').match(/-?\d[\d.eE+-]*/g) ?? []) {
    if (String(Number(number)) !== number) refuse(`${number} in JSON loses digits in pg-mem`)
  }
  if (text.includes('\\u0000')) fail('22P05', 'unsupported Unicode escape sequence')
  if (text.includes('"__proto__"')) refuse('the key __proto__ in JSON is lost in pg-mem')
  return value
}

function readArray(text: string, type: ColumnType): unknown[] {
  const of = type.of as ColumnType
  // Of one dimension, each element quoted or plain, nothing between them.
  const element = /"(?:[^"\\]|\\.)*"|[^\s{},"\\]+/.source
  if (!new RegExp(`^\\{(?:(?:${element})(?:,(?:${element}))*)?\\}$`, 's').test(text)) {
    refuse(`the array "${text}" is in a form that is not emulated`)
  }
  if (/[{,]null[,}]/i.test(text.replaceAll('NULL', ''))) refuse('null in an array: write NULL')
  return parseArray(text, (item) => readLiteral(item, of))
}

const TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?)?$/i

/** ISO 8601 alone; without an offset it is UTC, the time zone of the session. */
function readTime(text: string, type: ColumnType): Date {
  const match = TIME.exec(text.trim())
  if (!match) return refuse(`"${text}" as ${printType(type)}: only ISO 8601 is emulated`)
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((n) =>
    Number(match[n] ?? 0),
  ) as [number, number, number, number, number, number]
  const fraction = (match[7] ?? '').padEnd(6, '0')
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate()
  if (year < 100) refuse('years before 100 are not emulated')
  if (month < 1 || month > 12 || day < 1 || day > days || hour > 23 || minute > 59 || second > 59) {
    if (hour === 24 || second === 60) refuse(`the time in "${text}" is not emulated`)
    fail('22008', `date/time field value out of range: "${text}"`)
  }
  if (type.name === 'date') return new Date(Date.UTC(year, month - 1, day))
  if (!fraction.endsWith('000')) refuse('pg-mem keeps times to the millisecond')
  const ms = Number(fraction.slice(0, 3))
  const time = Date.UTC(year, month - 1, day, hour, minute, second, ms)
  return new Date(type.name === 'timestamptz' ? time - offsetOf(match[8]) : time)
}

function offsetOf(text: string | undefined): number {
  if (text === undefined || text.toUpperCase() === 'Z') return 0
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(3).replace(':', ''))
  return (text.startsWith('-') ? -minutes : minutes) * 60_000
}

import { ConfigError } from '../errors.ts'
import { formatArray, parseArray } from './array-literal.ts'

// Both engines send and receive text, and turn it into JavaScript values here, so that a migration
// sees the same values whatever it runs on.

type Parse = (text: string) => unknown

const asIs: Parse = (text) => text

/** Reads a value by the OID of its type; what is not listed stays the text PostgreSQL prints. */
const PARSERS: Readonly<Record<number, Parse>> = {
  ...type(16, 1000, (text) => text === 't'), // boolean
  ...type(17, 1001, parseBytea),
  ...type(21, 1005, Number), // smallint
  ...type(23, 1007, Number), // integer
  ...type(26, 1028, Number), // oid
  ...type(700, 1021, Number), // real
  ...type(701, 1022, Number), // double precision
  ...type(114, 199, JSON.parse), // json
  ...type(3802, 3807, JSON.parse), // jsonb
  ...type(1184, 1185, parseTimestamptz),
}

/** Array types whose elements stay text, bigint and numeric among them: a number loses digits. */
const TEXT_ARRAYS: readonly number[] = [
  1002, 1003, 1016, 1008, 1009, 1010, 1011, 1012, 143, 651, 791, 1040, 1041, 1034, 1014, 1015, 1182,
  1183, 1115, 1187, 1270, 1561, 1563, 1231, 2207, 2208, 2210, 2211, 2951, 3221, 3643, 3645, 4090,
  4097, 271, 3905, 3907, 3909, 3911, 3913, 3927,
]

const ALL_PARSERS: Readonly<Record<number, Parse>> = {
  ...PARSERS,
  ...Object.fromEntries(TEXT_ARRAYS.map((oid) => [oid, (text: string) => parseArray(text, asIs)])),
}

/** The types, by OID, whose values are not plain text. */
export const PARSED_TYPES: readonly number[] = Object.keys(ALL_PARSERS).map(Number)

/** How values of a type are read. */
export function parserOf(oid: number): (text: string) => unknown {
  return ALL_PARSERS[oid] ?? asIs
}

/**
 * Writes parameters as PostgreSQL reads them: dates with their time zone, bytes as hex, arrays as
 * PostgreSQL arrays, other objects as JSON.
 */
export function encodeParameters(params: readonly unknown[]): (string | null)[] {
  return params.map(encode)
}

function encode(value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return value
  if (value instanceof Date) return formatDate(value)
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
  if (Array.isArray(value)) return formatArray(value, encode)
  if (typeof value === 'object') return JSON.stringify(value)
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
    return String(value)
  }
  throw new ConfigError('BAD_OPTION', {
    what: `a ${typeof value} cannot be a parameter of a statement`,
    fix: 'pass a string, number, bigint, boolean, Date, Uint8Array, array, plain object or null',
  })
}

/** PostgreSQL wants years as people write them: no sign, and BC behind. */
function formatDate(date: Date): string {
  const year = date.getUTCFullYear()
  const rest = date.toISOString().replace(/^[+-]?\d+/, '')
  const written = String(year > 0 ? year : 1 - year).padStart(4, '0')
  return `${written}${rest}${year > 0 ? '' : ' BC'}`
}

function type(oid: number, arrayOid: number, parse: Parse): Record<number, Parse> {
  const read: Parse = (text) => parse(text)
  return { [oid]: read, [arrayOid]: (text) => parseArray(text, read) }
}

function parseBytea(text: string): Uint8Array {
  return Buffer.from(text.slice(2), 'hex')
}

const TIMESTAMPTZ =
  /^(\d{4,})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d+))?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?( BC)?$/

/** A Date; ±Infinity for the values of that name; the text where a Date cannot hold it. */
function parseTimestamptz(text: string): Date | number | string {
  if (text === 'infinity') return Infinity
  if (text === '-infinity') return -Infinity
  const match = TIMESTAMPTZ.exec(text)
  // Another DateStyle than ISO.
  if (!match) return text
  const [, year, month, day, hour, minute, second, fraction = '', sign, ...rest] = match
  const [offsetHours, offsetMinutes = 0, offsetSeconds = 0] = rest
    .slice(0, 3)
    .map((part) => Number(part ?? 0))
  const date = new Date(0)
  date.setUTCFullYear(rest[3] ? 1 - Number(year) : Number(year), Number(month) - 1, Number(day))
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, '0'))
  date.setUTCHours(Number(hour), Number(minute), Number(second), milliseconds)
  const offset = (Number(offsetHours) * 3600 + offsetMinutes * 60 + offsetSeconds) * 1000
  date.setTime(date.getTime() - (sign === '-' ? -offset : offset))
  return Number.isNaN(date.getTime()) ? text : date
}

import { fail, refuse, type SqlNode } from './sql-node.ts'

export type TypeName =
  | 'smallint'
  | 'integer'
  | 'bigint'
  | 'double precision'
  | 'numeric'
  | 'text'
  | 'character varying'
  | 'boolean'
  | 'uuid'
  | 'date'
  | 'timestamp'
  | 'timestamptz'
  | 'json'
  | 'jsonb'
  | 'enum'
  | 'array'

/** The type of a column or an expression. */
export interface ColumnType {
  readonly name: TypeName
  /** Of `varchar(n)`. */
  readonly length?: number
  /** Of `numeric(precision, scale)`. */
  readonly precision?: number
  readonly scale?: number
  /** Of an enum. */
  readonly enumName?: string
  readonly values?: readonly string[]
  /** Of an array. */
  readonly of?: ColumnType
}

export const INTEGER: ColumnType = { name: 'integer' }
export const BIGINT: ColumnType = { name: 'bigint' }
export const TEXT: ColumnType = { name: 'text' }
export const BOOLEAN: ColumnType = { name: 'boolean' }
export const TIMESTAMPTZ: ColumnType = { name: 'timestamptz' }
export const UUID: ColumnType = { name: 'uuid' }

const SPELLINGS: Readonly<Record<string, TypeName>> = {
  smallint: 'smallint',
  int2: 'smallint',
  smallserial: 'smallint',
  serial2: 'smallint',
  integer: 'integer',
  int: 'integer',
  int4: 'integer',
  serial: 'integer',
  serial4: 'integer',
  bigint: 'bigint',
  int8: 'bigint',
  bigserial: 'bigint',
  serial8: 'bigint',
  'double precision': 'double precision',
  float8: 'double precision',
  float: 'double precision',
  numeric: 'numeric',
  decimal: 'numeric',
  text: 'text',
  varchar: 'character varying',
  'character varying': 'character varying',
  boolean: 'boolean',
  bool: 'boolean',
  uuid: 'uuid',
  date: 'date',
  timestamp: 'timestamp',
  'timestamp without time zone': 'timestamp',
  timestamptz: 'timestamptz',
  'timestamp with time zone': 'timestamptz',
  json: 'json',
  jsonb: 'jsonb',
}

const SERIAL = /^(small|big)?serial[248]?$/

/** Whether a column of this type numbers its rows. */
export function isSerial(node: SqlNode): boolean {
  return node['kind'] !== 'array' && SERIAL.test(String(node['name']))
}

/** @param enums - By name, with their values. */
export function readType(node: SqlNode, enums: ReadonlyMap<string, readonly string[]>): ColumnType {
  if (node['kind'] === 'array') {
    const of = readType(node['arrayOf'] as SqlNode, enums)
    const isKnown = ['integer', 'text', 'boolean', 'uuid'].includes(of.name)
    if (!isKnown) refuse(`arrays of ${printType(of)} are not emulated`)
    return { name: 'array', of }
  }
  const written = String(node['name'])
  const config = (node['config'] as readonly number[] | undefined) ?? []
  const values = enums.get(written)
  if (values && (node['schema'] ?? 'public') === 'public') {
    return { name: 'enum', enumName: written, values }
  }
  const name = SPELLINGS[written]
  if (name === undefined || node['schema'] !== undefined) {
    refuse(`the type "${written}" is not emulated`)
  }
  if (name === 'numeric') {
    const [precision, scale = 0] = config
    if (precision === undefined) {
      refuse('numeric without precision keeps the scale of each value, which pg-mem does not')
    }
    if (precision > 15 || scale < 0 || scale > precision) {
      refuse('pg-mem keeps numeric as a JavaScript number: at most 15 digits are exact')
    }
    return { name, precision, scale }
  }
  if (name === 'character varying') {
    const [length] = config
    return { name, ...(length !== undefined && { length }) }
  }
  if (config.length > 0) refuse(`the type ${written}(${config.join(', ')}) is not emulated`)
  return { name }
}

export function printType(type: ColumnType): string {
  if (type.name === 'array' && type.of) return `${printType(type.of)}[]`
  if (type.name === 'enum') return type.enumName ?? 'enum'
  if (type.name === 'numeric') return `numeric(${type.precision},${type.scale})`
  if (type.length !== undefined) return `character varying(${type.length})`
  if (type.name === 'timestamptz') return 'timestamp with time zone'
  return type.name === 'timestamp' ? 'timestamp without time zone' : type.name
}

/** Whether both are the same, down to length and scale. */
export function isSameType(a: ColumnType, b: ColumnType): boolean {
  return printType(a) === printType(b)
}

export type TypeClass = 'integer' | 'float' | 'numeric' | 'text' | TypeName

/** Types that compare with each other without a cast of consequence. */
export function classOf(type: ColumnType): TypeClass {
  if (isInteger(type)) return 'integer'
  if (type.name === 'double precision') return 'float'
  return type.name === 'character varying' ? 'text' : type.name
}

export function isInteger({ name }: ColumnType): boolean {
  return name === 'smallint' || name === 'integer' || name === 'bigint'
}

/** The type as pg-mem has it: what sets it apart from PostgreSQL's is checked before. */
export function storedType(type: ColumnType): SqlNode {
  if (type.name === 'array' && type.of) return { kind: 'array', arrayOf: storedType(type.of) }
  if (isInteger(type)) return { name: 'integer' }
  if (type.name === 'double precision' || type.name === 'numeric') return { name: 'float' }
  if (type.name === 'enum' || type.name === 'character varying') return { name: 'text' }
  return { name: type.name }
}

const OIDS: Readonly<Record<string, readonly [number, number]>> = {
  smallint: [21, 1005],
  integer: [23, 1007],
  bigint: [20, 1016],
  'double precision': [701, 1022],
  numeric: [1700, 1231],
  text: [25, 1009],
  'character varying': [1043, 1015],
  boolean: [16, 1000],
  uuid: [2950, 2951],
  date: [1082, 1182],
  timestamp: [1114, 1115],
  timestamptz: [1184, 1185],
  json: [114, 199],
  jsonb: [3802, 3807],
}

/** The number PostgreSQL has for a type; 0 for an enum, whose number is another in every database. */
export function oidOf(type: ColumnType): number {
  if (type.name === 'array') return OIDS[type.of?.name ?? '']?.[1] ?? 0
  return OIDS[type.name]?.[0] ?? 0
}

const RANGES: Readonly<Record<string, number>> = { smallint: 32767, integer: 2147483647 }

/** @throws what PostgreSQL says of a number that the type does not hold; refused beyond 2^53. */
export function checkRange(value: number, type: ColumnType): number {
  const limit = RANGES[type.name]
  if (limit !== undefined && (value > limit || value < -limit - 1)) {
    fail('22003', `${type.name} out of range`)
  }
  if (!Number.isSafeInteger(value)) {
    refuse('pg-mem keeps bigint as a JavaScript number: beyond 2^53 digits are lost')
  }
  return value
}

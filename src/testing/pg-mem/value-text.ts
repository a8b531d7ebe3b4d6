import { formatArray } from '../../database/array-literal.ts'
import { type ColumnType, checkRange, isInteger } from './column-type.ts'
import { refuse } from './sql-node.ts'

/** A value as PostgreSQL prints it, which is what clients read. */
export function valueText(value: unknown, type: ColumnType): string | null {
  if (value === null || value === undefined) return null
  if (isInteger(type)) return String(checkRange(value as number, type))
  switch (type.name) {
    case 'numeric':
      return numericText(value as number, type)
    case 'double precision':
      return finite(value as number)
    case 'boolean':
      return value === true ? 't' : 'f'
    case 'json':
    case 'jsonb':
      return JSON.stringify(value)
    case 'date':
      return (value as Date).toISOString().slice(0, 10)
    case 'timestamp':
      return timeText(value as Date)
    case 'timestamptz':
      return `${timeText(value as Date)}+00`
    case 'array':
      return formatArray(value as readonly unknown[], (item) =>
        valueText(item, type.of as ColumnType),
      )
    default:
      return value as string
  }
}

function numericText(value: number, { scale = 0 }: ColumnType): string {
  // A sum can leave the range in which each decimal has a double of its own.
  if (Math.abs(value) * 10 ** scale >= 10 ** 15) refuse('this numeric has more than 15 digits')
  return value.toFixed(scale).replace(/^-(0(?:\.0*)?)$/, '$1')
}

function finite(value: number): string {
  if (!Number.isFinite(value)) refuse('NaN and infinity are not emulated')
  return String(value)
}

function timeText(value: Date): string {
  const text = value.toISOString().replace('T', ' ').replace('Z', '')
  return text.replace(/0+$/, '').replace(/\.$/, '')
}

export function isJsonNull(value: unknown): boolean {
  return value === null || value === undefined || typeof value === 'symbol'
}

/** jsonb as PostgreSQL prints it: shorter keys first, a space behind colons and commas. */
export function jsonText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(jsonText).join(', ')}]`
  // Inside of pg-mem a JSON null is a symbol.
  if (isJsonNull(value)) return 'null'
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const keys = Object.keys(value).toSorted(byLengthAndBytes)
  const parts = keys.map((key) => {
    const inner = (value as Record<string, unknown>)[key]
    return `${JSON.stringify(key)}: ${jsonText(inner)}`
  })
  return `{${parts.join(', ')}}`
}

function byLengthAndBytes(a: string, b: string): number {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length - right.length || Buffer.compare(left, right)
}

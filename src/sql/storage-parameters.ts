import type { StorageParameters } from '../operations/definitions.ts'
import { identifier } from './identifier.ts'
import { literal } from './literal.ts'

/** `WITH (fillfactor = 70)`. A dot separates a namespace, as in `toast.autovacuum_enabled`. */
export function withParameters(parameters: StorageParameters | undefined): string | undefined {
  if (!parameters) return undefined
  const list = Object.entries(parameters).map(
    ([name, value]) =>
      `${name.split('.').map(identifier).join('.')} = ${typeof value === 'string' ? literal(value) : String(value)}`,
  )
  return list.length === 0 ? undefined : `WITH (${list.join(', ')})`
}

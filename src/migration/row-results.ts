/** What the `db` of migrations has returned. */
const results = new WeakSet<object>()

/** Remembers a row, or a list of rows, as a result. */
export function asResult<T>(value: T): T {
  if (typeof value === 'object' && value !== null) results.add(value)
  return value
}

/**
 * Whether a value came from `db`: rows, a count, or whether something is there. A migration may return
 * it, as short functions do, and means no steps by it, even where a column of a row is named `kind`.
 */
export function isResult(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return results.has(value)
  return typeof value === 'number' || typeof value === 'boolean'
}

/** The SQLSTATE of a driver's error, when it came from the server. */
export function sqlStateOf(error: unknown): string | undefined {
  const code = field(error, 'code')
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}

/** Where in the SQL the server stumbled: 1-based, in characters. */
export function positionOf(error: unknown): number | undefined {
  const position = field(error, 'position')
  return position === undefined ? undefined : Number(position)
}

/** The server closes the connection after it. */
export function isFatal(error: unknown): boolean {
  return /^(?:FATAL|PANIC)$/.test(field(error, 'severity') ?? '')
}

/** A client of `pg` that has ended, or lost its connection, says so at once. */
export function isNotQueryable(error: unknown): boolean {
  return messageOf(error).endsWith('is not queryable')
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function field(error: unknown, name: string): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const value: unknown = Reflect.get(error, name)
  return typeof value === 'string' ? value : undefined
}

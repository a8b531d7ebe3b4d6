/** Who has the migration lock. */
export interface LockHolder {
  /** Process id of its backend on the server. */
  readonly pid: number
  /** What its connection calls itself; empty when it does not, or when it is somebody else's. */
  readonly applicationName: string
  /** When it connected. */
  readonly since: Date | undefined
}

/** `held by pid 4711 (application "deploy"), connected since 2026-01-02T09:00:00.000Z` */
export function describeHolder(holder: LockHolder | undefined): string {
  if (!holder) return 'its holder has just gone'
  const name = holder.applicationName && ` (application "${holder.applicationName}")`
  const since = holder.since ? `, connected since ${holder.since.toISOString()}` : ''
  return `held by pid ${holder.pid}${name}${since}`
}

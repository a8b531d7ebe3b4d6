import { ConfigError } from '../../errors.ts'
import type { ServerFacts } from './server-facts.ts'

/** How many connections a run opens at most. */
export interface ConnectionNeeds {
  readonly workers: number
  /** Of one worker's application; one unless given. */
  readonly connections?: number | undefined
}

/** What this package opens itself: one for each worker, and one for the lease. */
export function neededConnections({ workers, connections = 1 }: ConnectionNeeds): number {
  return workers * (connections + 1) + 1
}

/**
 * @throws {ConfigError} `TOO_FEW_CONNECTIONS` before a test fails for it, somewhere.
 */
export function assertConnections(facts: ServerFacts, needs: ConnectionNeeds): void {
  // The one that asks is connected already.
  const free = facts.freeConnections + 1
  const needed = neededConnections(needs)
  if (needed <= free) return
  const { workers, connections = 1 } = needs
  const possible = Math.floor((free - 1) / (connections + 1))
  throw new ConfigError('TOO_FEW_CONNECTIONS', {
    what: `the test server has room for ${free} connections, and this run needs ${needed}`,
    why:
      `${workers} workers × (${connections} of the application + 1 for resets) + 1; ` +
      `max_connections is ${facts.maxConnections}`,
    fix:
      possible > 0
        ? `run fewer workers (--maxWorkers=${possible}), or raise max_connections to ${facts.maxConnections + needed - free}`
        : `raise max_connections to ${facts.maxConnections + needed - free}, or end what else is connected`,
    details: { free, needed, workers, connections, maxConnections: facts.maxConnections },
  })
}

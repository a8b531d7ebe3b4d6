import type { Capabilities, Database } from '../../database/database.ts'
import { SessionDatabase } from '../../database/session-database.ts'
import { SessionLock } from '../../database/session-lock.ts'
import { HouseSession } from './house-session.ts'
import type { MemoryCore } from './memory-core.ts'

const LABEL = 'pg-mem'

/** What it can do, and where it is not PostgreSQL. The contract of engines keeps each line true. */
export const MEMORY_CAPABILITIES: Capabilities = {
  concurrentSessions: false,
  cancel: false,
  exceptions: {
    deferrableConstraints: 'constraints are checked when a statement ends, never at COMMIT',
    errorPositions: 'errors have SQLSTATE, constraint and detail, but no position and no hint',
    proceduralCode: 'there is no DO and no PL/pgSQL',
    settings: 'SET and set_config are refused, except for limits of time; the time zone is UTC',
    syntax: 'what its parser does not know is refused, whether PostgreSQL would take it or not',
    systemFunctions: 'there are no functions and views that tell of a server',
    temporaryTables: 'there are no temporary tables',
    types: 'types that it does not have, or keeps in another way, are refused',
  },
}

/** A database of pg-mem as this package's own code sees one, for migrations and seeds. */
export function memoryDatabase(core: MemoryCore): Database {
  const lock = SessionLock.of(core)
  return new SessionDatabase({
    engine: 'pg-mem',
    capabilities: MEMORY_CAPABILITIES,
    label: LABEL,
    async take(onRelease) {
      const release = await lock.acquire(LABEL)
      return new HouseSession(core, {
        label: LABEL,
        hold: (work) => lock.hold(work),
        give() {
          onRelease()
          release()
        },
      })
    },
    // Whoever made the core closes it.
    close: async () => undefined,
  })
}

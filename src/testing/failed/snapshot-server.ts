import { TestDatabaseError } from '../../errors.ts'
import { FRESH_SESSION } from '../baseline/baseline-sql.ts'
import { openPGlite } from '../pglite/open-pglite.ts'
import { PGliteEngine } from '../pglite/pglite-engine.ts'
import type { Snapshot } from '../pglite/snapshot.ts'
import { databaseUrl } from '../server/address.ts'
import { Session } from '../server/session.ts'
import { sessionSettings } from '../server/startup.ts'
import { WireServer } from '../server/wire-server.ts'
import type { OpenedDatabase } from './opened-database.ts'

// Milliseconds: whoever looks around by hand may take time in a transaction.
const WAIT_LIMIT = 60_000

/** Serves a snapshot of PGlite to any client, on a port of this machine. What is changed is not kept. */
export async function serveSnapshot(snapshot: Snapshot): Promise<OpenedDatabase> {
  const pglite = await openPGlite(snapshot, { raw: true })
  const engine = await PGliteEngine.start(pglite)
  const { greeting } = engine
  const session = new Session({
    freshSession: FRESH_SESSION,
    waitLimit: WAIT_LIMIT,
    onBroken: (why) => {
      throw new TestDatabaseError('TEST_DATABASE_FAILED', {
        what: 'the database that was opened broke down',
        why,
        fix: 'open it again',
      })
    },
  })
  await session.use(engine)
  const server = new WireServer({
    lobby: {
      session,
      admit: async (parameters) => ({
        greeting,
        settings: sessionSettings(parameters, 'postgres'),
      }),
    },
    // Nobody resets it.
    onControl: (socket) => socket.destroy(),
  })
  const address = await server.listen()
  return {
    url: databaseUrl(address),
    close: async () => {
      await server.close()
      await pglite.close()
    },
  }
}

import type { Executor } from '../../database/database.ts'
import { sqlStateOf } from '../../database/engines/driver-error.ts'

/**
 * Puts a session that does nothing but resets under the replica role for good, where its user may: whenever
 * that is switched on or off, PostgreSQL forgets all plans of the session.
 */
export async function stayReplica(session: Executor): Promise<void> {
  try {
    await session.query('SET session_replication_role = replica')
  } catch (error) {
    if (sqlStateOf(error) !== '42501') throw error
  }
}

import type { Executor } from '../database/database.ts'
import { identifier } from '../sql/identifier.ts'
import { literal } from '../sql/literal.ts'

/** What a session was like when a run began. */
export interface SessionFacts {
  readonly database: string
  /** `current_schema()`; null when the search path names no schema that exists. */
  readonly schema: string | null
  readonly searchPath: string
  /** Statements that bring the session back to what it was. */
  readonly reset: readonly string[]
}

interface Row {
  database: string
  schema: string | null
  search_path: string
  user: string
  role: string
  settings: string
}

// Settings of the connection string and of the role survive RESET ALL; those that the owner of the
// session has SET since do not, so they are remembered.
const FACTS = `SELECT current_database() AS database, current_schema() AS schema,
  current_setting('search_path') AS search_path,
  session_user AS "user", current_setting('role') AS role,
  (SELECT coalesce(json_object_agg(name, setting), '{}') FROM pg_settings WHERE source = 'session')::text AS settings`

/** Asks a session who and where it is. */
export async function readSession(session: Executor): Promise<SessionFacts> {
  const { rows } = await session.query<Row>(FACTS)
  const row = rows[0] as Row
  return {
    database: row.database,
    schema: row.schema,
    searchPath: row.search_path,
    reset: [
      'RESET ALL',
      `SET SESSION AUTHORIZATION ${identifier(row.user)}`,
      `SET ROLE ${row.role === 'none' ? 'NONE' : identifier(row.role)}`,
      ...Object.entries(JSON.parse(row.settings) as Record<string, string>).map(
        ([name, value]) => `SELECT set_config(${literal(name)}, ${literal(value)}, false)`,
      ),
    ],
  }
}

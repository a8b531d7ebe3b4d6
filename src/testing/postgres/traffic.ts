import type { Executor } from '../../database/database.ts'

interface Backend {
  readonly pid: number
  readonly since: string
  readonly query: string | null
  readonly sessions: string | null
}

const BACKENDS = (sessions: string): string => `
SELECT a.pid, a.backend_start::text AS since, a.query_start::text AS query, ${sessions} AS sessions
FROM pg_stat_activity a
WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
  AND a.backend_type = 'client backend'`

const SESSIONS = `
SELECT NULL::int AS pid, NULL AS since, NULL AS query, sessions::text AS sessions
FROM pg_stat_database WHERE datname = current_database()`

/**
 * Counts what clients have run on a database, as far as the server shows: queries of sessions that are
 * there, and sessions that came and went.
 */
export class Traffic {
  readonly #executor: Executor
  readonly #hasSessions: boolean
  /** When the last query of each session began. */
  readonly #queries = new Map<string, string>()
  #known = 0
  #count = 0

  /** @param major - Version of the server. */
  constructor(executor: Executor, major: number) {
    this.#executor = executor
    this.#hasSessions = major >= 14
  }

  async count(): Promise<number> {
    const sql = this.#hasSessions ? `${BACKENDS('NULL')} UNION ALL ${SESSIONS}` : BACKENDS('NULL')
    const { rows } = await this.#executor.query<Backend>(sql)
    for (const { pid, since, query } of rows) {
      if (pid === null || query === null) continue
      const session = `${pid} ${since}`
      if (!this.#queries.has(session)) this.#known++
      if (this.#queries.get(session) === query) continue
      this.#queries.set(session, query)
      this.#count++
    }
    // A session is counted when it ends at the latest, so that this never runs ahead. One is ours.
    const unseen = Number(rows.find(({ pid }) => pid === null)?.sessions ?? 0) - this.#known - 1
    if (unseen > 0) {
      this.#known += unseen
      this.#count += unseen
    }
    return this.#count
  }
}

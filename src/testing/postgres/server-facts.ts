import type { Executor } from '../../database/database.ts'
import { ConfigError } from '../../errors.ts'

/** What of a server matters for its use. */
export interface ServerFacts {
  /** `18.4` */
  readonly version: string
  readonly major: number
  /** The role that everything is done as. */
  readonly role: string
  /** Whether it waits for the disk: then files are better written through the log than copied. */
  readonly fsync: boolean
  /** Clients that it takes besides those which are connected now. */
  readonly freeConnections: number
  readonly maxConnections: number
}

const OLDEST = 13

const FACTS = `
SELECT current_setting('server_version') AS version,
       current_setting('server_version_num')::int / 10000 AS major,
       current_setting('fsync')::boolean AS fsync,
       current_setting('max_connections')::int AS max,
       current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
         - (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS free,
       (SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user) AS creates,
       current_user AS role, pg_backend_pid() AS pid`

interface Row {
  readonly version: string
  readonly major: number
  readonly fsync: boolean
  readonly max: number
  readonly free: number
  readonly creates: boolean
  readonly role: string
  readonly pid: number
}

/**
 * @param announcedPid - What the server said when the session began.
 * @throws {ConfigError} `ENGINE_CAPABILITY` when test databases cannot be made there.
 */
export async function readServerFacts(
  executor: Executor,
  announcedPid: number | undefined,
): Promise<ServerFacts> {
  const { rows } = await executor.query<Row>(FACTS)
  const facts = rows[0] as Row
  if (facts.major < OLDEST) {
    throw new ConfigError('ENGINE_CAPABILITY', {
      what: `the server is PostgreSQL ${facts.version}`,
      why: `test databases need PostgreSQL ${OLDEST} or newer`,
      fix: 'use a newer server, or leave out the option "url"',
    })
  }
  if (announcedPid !== undefined && announcedPid !== facts.pid) {
    throw new ConfigError('ENGINE_CAPABILITY', {
      what: 'the URL of the test server leads to a connection pooler',
      why: 'whose databases are in use is told by locks of a session, which a pooler hands to others',
      fix: 'use the URL of the server itself',
    })
  }
  if (!facts.creates) {
    throw new ConfigError('ENGINE_CAPABILITY', {
      what: `the role "${facts.role}" may not create databases on the test server`,
      why: 'each worker needs one of its own',
      fix: `ALTER ROLE "${facts.role}" CREATEDB`,
    })
  }
  const { version, major, role, fsync, max, free } = facts
  const [number = version] = version.split(' ')
  return { version: number, major, role, fsync, freeConnections: free, maxConnections: max }
}

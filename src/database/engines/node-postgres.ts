import { Client as PgClient, Pool as PgPool } from 'pg'
import type { ClientConfig } from 'pg'

import { badUrl } from '../database-url.ts'
import type { Database } from '../database.ts'
import { redactUrl } from '../redact-url.ts'
import { SessionDatabase } from '../session-database.ts'
import { SessionLock } from '../session-lock.ts'
import { type ConnectionFacts, connectionFailed } from './connection-error.ts'
import { messageOf } from './driver-error.ts'
import type { Client, Pool, PoolClient } from './node-postgres-client.ts'
import { NodePostgresSession } from './node-postgres-session.ts'

const SERVER_EXAMPLE = 'postgres://user:password@localhost:5432/mydb'
const UNPARSABLE =
  'it cannot be parsed; in a password write %40 for @, %23 for #, %2F for / and %3F for ?'
const MAX_SESSIONS = 4
/** Seconds. */
const CONNECT_TIMEOUT = 30

const manySessions = { concurrentSessions: true, cancel: true, exceptions: {} }
const onlySession = { concurrentSessions: false, cancel: true, exceptions: {} }

export interface NodePostgresOptions {
  /** What the server shows in `pg_stat_activity`, unless the URL or `PGAPPNAME` says it. */
  readonly applicationName?: string | undefined
}

/**
 * A server named by a URL, as `pg` understands it: `sslmode` and its files, `options`,
 * `application_name`, unix sockets (`?host=/directory`). What the URL leaves out comes from the
 * `PG…` variables. Besides, `connect_timeout` (seconds, default 30) is honoured.
 *
 * Connections are made when they are needed, four at most.
 *
 * @throws {ConfigError} `BAD_URL` when it cannot be parsed, or names no host and `PGHOST` does not
 *   either. The first statement throws `CONNECTION_FAILED` when there is no way in.
 */
export function openServer(url: string, options: NodePostgresOptions = {}): Database {
  const { config, facts } = readUrl(url, options)
  const clients = new Set<PgClient>()
  const pool = new PgPool({
    max: MAX_SESSIONS,
    // Who forgets to close the database need not wait until idle connections end.
    allowExitOnIdle: true,
    Client: class extends PgClient {
      constructor() {
        super(config)
        clients.add(this)
        this.once('end', () => clients.delete(this))
        // An idle connection that breaks is replaced by the next.
        this.on('error', () => undefined)
      }
    },
  })
  pool.on('error', () => undefined)
  return poolDatabase(pool as unknown as Pool, facts, async () => {
    // Nothing else may be there to wait for: a thread would end, and leave half of its work.
    for (const client of clients) (client as unknown as { ref(): void }).ref()
    await pool.end()
    // The pool does not wait until the connections are closed, but who drops the database next does.
    await Promise.all([...clients].map((client) => client.end()))
  })
}

/** A Pool of the user's; stays open. */
export function openPool(pool: Pool): Database {
  // A Client knows how to read options, PG… variables and defaults.
  return poolDatabase(pool, factsOf(new PgClient(pool.options)), async () => undefined)
}

/**
 * A Client of the user's; stays open. It is connected on first use if it was not. It has one session:
 * who asks for a second waits until the first is given back.
 */
export function openClient(client: Client): Database {
  const facts = factsOf(client)
  const lock = SessionLock.of(client)
  return new SessionDatabase({
    engine: 'postgres',
    capabilities: onlySession,
    label: facts.label,
    async take(onRelease) {
      const release = await lock.acquire(facts.label)
      try {
        if (!client._connecting && !client._connected) await client.connect()
      } catch (error) {
        release()
        throw connectionFailed(error, facts)
      }
      return new NodePostgresSession(client, {
        label: facts.label,
        isOwn: false,
        hold: (work) => lock.hold(work),
        give() {
          onRelease()
          release()
        },
      })
    },
    close: async () => undefined,
  })
}

function poolDatabase(pool: Pool, facts: ConnectionFacts, close: () => Promise<void>): Database {
  return new SessionDatabase({
    engine: 'postgres',
    capabilities: pool.options?.max === 1 ? onlySession : manySessions,
    label: facts.label,
    async take(onRelease) {
      let client: PoolClient
      try {
        client = await pool.connect()
      } catch (error) {
        throw connectionFailed(error, facts)
      }
      return new NodePostgresSession(client, {
        label: facts.label,
        isOwn: true,
        hold: (work) => work(),
        give(destroy) {
          onRelease()
          client.release(destroy)
        },
      })
    },
    close,
  })
}

function readUrl(
  url: string,
  { applicationName = 'faasjs-pg' }: NodePostgresOptions,
): { config: ClientConfig; facts: ConnectionFacts } {
  const host = hostOf(url)
  if (host === '' && !process.env['PGHOST']) {
    throw badUrl(url, 'it names no host, and PGHOST is not set', SERVER_EXAMPLE)
  }
  if (host.includes(',')) throw badUrl(url, 'it names several hosts', SERVER_EXAMPLE)
  const config = {
    connectionString: url,
    fallback_application_name: applicationName,
    connectionTimeoutMillis: connectTimeout(url) * 1000,
  }
  try {
    return { config, facts: factsOf(new PgClient(config)) }
  } catch (error) {
    // No cause: what the driver throws may hold the URL with its password.
    const message = messageOf(error)
    const why = message === 'Invalid URL' ? UNPARSABLE : redactUrl(message)
    throw badUrl(url, why, SERVER_EXAMPLE)
  }
}

/** The host that the URL itself names; empty when there is none. */
function hostOf(url: string): string {
  const [, authority = '', query = ''] = /^[a-z]+:\/\/([^/?#]*)[^?#]*\??([^#]*)/i.exec(url) ?? []
  const parameter = new URLSearchParams(query).get('host')
  return parameter ?? authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d*$/, '')
}

/** Seconds, as libpq counts them; 0 waits for ever. */
function connectTimeout(url: string): number {
  const parameter = /[?&]connect_timeout=(\d+)/.exec(url)?.[1]
  return Number(parameter ?? process.env['PGCONNECT_TIMEOUT'] ?? CONNECT_TIMEOUT)
}

function factsOf(
  client: Partial<Pick<PgClient, 'host' | 'port' | 'user' | 'database'>>,
): ConnectionFacts {
  const { host = 'localhost', port = 5432, user = '', database = user } = client
  const who = user === '' ? '' : `${user}@`
  const label = host.startsWith('/')
    ? `postgres://${who}localhost/${database}?host=${host}&port=${port}`
    : `postgres://${who}${host.includes(':') ? `[${host}]` : host}:${port}/${database}`
  return { label, host, port, user, database }
}

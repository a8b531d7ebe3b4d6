import { Client } from 'pg'

import type { Database, Executor, QueryResult } from '../../database/database.ts'
import { openDatabase } from '../../database/open.ts'

export interface ConnectionOptions {
  readonly url: string
  /** Run on every new connection before anything else. */
  readonly onConnect?: (executor: Executor) => Promise<void>
}

interface Opened {
  readonly client: Client
  readonly database: Database
  isBroken: boolean
}

// A server may end what waits for long; a lease is held for as long as tests run.
const SETTINGS = `
SET lock_timeout = '2s';
SET statement_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SELECT set_config('idle_session_timeout', '0', false)
WHERE current_setting('idle_session_timeout', true) IS NOT NULL`

/**
 * One session of a server, for this package's own use. It is made by the first statement, and anew by the next
 * one when it broke. It does not keep the process alive, except while a statement runs.
 */
export class Connection implements Executor {
  readonly #options: ConnectionOptions
  #opened: Promise<Opened> | undefined
  #busy = 0

  constructor(options: ConnectionOptions) {
    this.#options = options
  }

  async query<Row = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
  ): Promise<QueryResult<Row>> {
    return await this.#use((database) => database.query<Row>(sql, params))
  }

  async run(statements: readonly string[]): Promise<void> {
    await this.#use((database) => database.run(statements))
  }

  /** Runs the work in one transaction. */
  async transaction<T>(work: (transaction: Executor) => Promise<T>): Promise<T> {
    return await this.#use((database) => database.transaction(work))
  }

  /** The process id that the server announced; behind a pooler not that of the session. */
  async announcedPid(): Promise<number | undefined> {
    const { client } = await this.#open()
    return (client as unknown as { processID?: number }).processID
  }

  /** A session of the same database, for what must not wait for this one. */
  another(): Connection {
    return new Connection({ url: this.#options.url })
  }

  /** Ends the session. The next statement would make another one. */
  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined)
    this.#opened = undefined
    if (!opened) return
    ref(opened.client)
    await opened.client.end()
  }

  async #use<T>(work: (database: Database) => Promise<T>): Promise<T> {
    this.#busy++
    const { client, database } = await this.#open().catch((error: unknown) => {
      this.#busy--
      throw error
    })
    ref(client)
    try {
      return await work(database)
    } finally {
      if (--this.#busy === 0) unref(client)
    }
  }

  async #open(): Promise<Opened> {
    for (;;) {
      const current = this.#opened
      const opened = await current
      if (opened && !opened.isBroken) return opened
      // Somebody else may have been quicker.
      if (this.#opened === current) this.#opened = this.#connect()
    }
  }

  async #connect(): Promise<Opened> {
    const client = new Client({
      connectionString: this.#options.url,
      fallback_application_name: 'faasjs-pg',
      connectionTimeoutMillis: 30_000,
      keepAlive: true,
    })
    // The message of ours about a server that cannot be reached comes from there.
    const database = await openDatabase(client)
    const opened = { client, database, isBroken: false }
    client.on('error', () => (opened.isBroken = true))
    client.on('end', () => (opened.isBroken = true))
    try {
      await database.query(SETTINGS)
      await this.#options.onConnect?.(database)
    } catch (error) {
      this.#opened = undefined
      await client.end().catch(() => {})
      throw error
    }
    return opened
  }
}

// Missing in the declarations only.
interface Referenced {
  ref(): void
  unref(): void
}

function ref(client: Client): void {
  ;(client as unknown as Referenced).ref()
}

function unref(client: Client): void {
  ;(client as unknown as Referenced).unref()
}

import type { Socket } from 'node:net'

import { dirtyServerSequences } from '../baseline/server-capture.ts'
import { openTransaction } from '../host/host-errors.ts'
import { TestTransaction } from '../host/test-transaction.ts'
import type { Admission, Lobby } from '../server/connection.ts'
import { queryEngine } from '../server/engine.ts'
import type { FrontendReader } from '../server/frontend-reader.ts'
import { QueryLog } from '../server/query-log.ts'
import { Session } from '../server/session.ts'
import { sessionSettings, type Startup } from '../server/startup.ts'
import type { Stray } from '../server/stray.ts'
import { Texts } from '../server/texts.ts'
import { WireServer } from '../server/wire-server.ts'
import { ServerEngine } from './server-engine.ts'

const FRESH_SESSION = 'SET SESSION AUTHORIZATION DEFAULT;RESET ALL'
// Below a test's usual timeout of five seconds, so that the error comes first.
const WAIT_LIMIT = 2000
/** What `DISCARD` does to a session that others use as well. */
const DISCARDED = `DO 'BEGIN RESET ALL; PERFORM pg_advisory_unlock_all(); END'`

/** What is left of a session by what it has committed. */
const COMMITTED = 'CLOSE ALL;DISCARD TEMP'

export interface StageOptions {
  /** Of the database, for the one session that all clients share. */
  readonly url: string
  /** Who logs in by that. */
  readonly owner: string
  /** SQL of the baseline, in the words of its role. */
  readonly named: (sql: string) => Promise<string>
  /** The version of the server, for example `180004`. */
  readonly version: number
}

/**
 * Where clients of a server play when a test is a transaction: all of them share one session of it, as on the
 * embedded engine.
 */
export class TransactionStage implements Lobby {
  readonly session: Session
  readonly log: QueryLog = new QueryLog()
  readonly #options: StageOptions
  readonly #server: WireServer
  #opening: Promise<void> | undefined
  #engine: ServerEngine | undefined
  #transaction: TestTransaction | undefined
  #isActive = false
  #isPublished = false

  constructor(options: StageOptions) {
    this.#options = options
    this.session = new Session({
      freshSession: FRESH_SESSION,
      waitLimit: WAIT_LIMIT,
      oneSession: "reset: 'transaction' has one session for all connections",
      onBroken: () => (this.#opening = undefined),
    })
    this.#server = new WireServer({ lobby: this, onControl: (socket) => socket.destroy() })
  }

  readonly texts: Texts = new Texts((sql) =>
    /^\s*discard\s+all\s*;?\s*$/i.test(sql) ? DISCARDED : undefined,
  )

  /** Takes over a client that may connect. */
  adopt(socket: Socket, reader: FrontendReader, startup: Startup & { kind: 'session' }): void {
    this.#server.adopt(socket, reader, startup)
  }

  cancel(processId: number, secret: number): void {
    this.#server.cancel(processId, secret)
  }

  async admit(parameters: ReadonlyMap<string, string>): Promise<Admission> {
    await this.#open()
    return {
      greeting: this.#engine?.greeting ?? Buffer.alloc(0),
      settings: sessionSettings(parameters, this.#options.owner),
    }
  }

  /** What clients do belongs to a test. */
  get isActive(): boolean {
    return this.#isActive
  }

  /** A test begins. */
  begin(): void {
    this.#isActive = true
    this.#transaction?.begin()
  }

  /** Commits what the test has done until now. No client may be in a transaction. */
  async publish(): Promise<void> {
    await this.session.exclusively(async () => {
      const { transaction } = this.session
      if (transaction) throw openTransaction(transaction)
      this.#isPublished = true
      await this.#transaction?.publish()
    })
  }

  /** Commits what the test has done, and ends every connection: the database is to be copied, or replaced. */
  async settle(): Promise<void> {
    if (this.#isActive) await this.publish()
    await this.#disconnect()
  }

  /** Breaks off the statement that runs: nobody waits for it any more. */
  unblock(): void {
    this.session.cancelRunning()
  }

  /** Rolls back the transactions that clients have left open, and names them. */
  async endOpen(reason: string): Promise<Stray[]> {
    return await this.session.evict(reason)
  }

  /**
   * Takes back what the test has done.
   *
   * @returns undefined when more was done than can be rolled back, otherwise how many relations had to be put back.
   *   In the first case what clients do is done in earnest until the next test begins.
   */
  async rollBack(): Promise<number | undefined> {
    const [transaction, engine] = [this.#transaction, this.#engine]
    if (!transaction || !engine) return this.#isPublished ? undefined : 0
    if (engine.isClosed) return undefined
    return await this.session.exclusively(async () => {
      const isPublished = this.#isPublished || transaction.isPublished
      await this.session.keepSettings(false)
      await transaction.rollBack()
      this.session.forgetSettings(isPublished ? undefined : '')
      if (!isPublished) return 0
      await transaction.end()
      await queryEngine(engine, COMMITTED)
      this.#isActive = this.#isPublished = false
      return undefined
    })
  }

  /** Ends every connection, the server's as well. Clients that come later find another session. */
  async clear(): Promise<void> {
    this.#isActive = this.#isPublished = false
    await this.#disconnect()
  }

  async #disconnect(): Promise<void> {
    this.#server.endAll()
    const engine = this.#engine
    this.#engine = undefined
    this.#transaction = undefined
    this.#opening = undefined
    await engine?.close()
  }

  #open(): Promise<void> {
    this.#opening ??= this.#connect().catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }

  async #connect(): Promise<void> {
    const { url, version, named } = this.#options
    const engine = await ServerEngine.connect(url)
    const sequences = await named(dirtyServerSequences(version))
    this.#engine = engine
    this.#transaction = new TestTransaction(engine, sequences)
    if (this.#isActive) this.#transaction.begin()
    await this.session.use(this.#transaction.engine)
  }
}

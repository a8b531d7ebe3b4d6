import { ConfigError } from '../errors.ts'
import type { Capabilities, Database, Engine, Executor, QueryResult, Session } from './database.ts'

/** What an engine brings along; the rest of a Database follows from it. */
export interface SessionSource {
  readonly engine: Engine
  readonly capabilities: Capabilities
  readonly label: string
  /**
   * Lends out a session.
   *
   * @param onRelease - To be called when it is given back.
   */
  take(onRelease: () => void): Promise<Session>
  /** Closes what the engine has opened itself. Called once, when no session is lent out any more. */
  close(): Promise<void>
}

/** A Database that borrows a session for each thing it does. */
export class SessionDatabase implements Database {
  readonly #source: SessionSource
  readonly #lent = new Set<Session>()
  #closing: Promise<void> | undefined

  constructor(source: SessionSource) {
    this.#source = source
  }

  get engine(): Engine {
    return this.#source.engine
  }

  get capabilities(): Capabilities {
    return this.#source.capabilities
  }

  get label(): string {
    return this.#source.label
  }

  query<Row = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
  ): Promise<QueryResult<Row>> {
    return this.#borrow((session) => session.query<Row>(sql, params))
  }

  run(statements: readonly string[]): Promise<void> {
    return this.#borrow((session) => session.run(statements))
  }

  transaction<T>(work: (transaction: Executor) => Promise<T>): Promise<T> {
    return this.#borrow((session) => session.transaction(work))
  }

  async session(): Promise<Session> {
    this.#assertOpen()
    const session: Session = await this.#source.take(() => this.#lent.delete(session))
    this.#lent.add(session)
    if (this.#closing) {
      await session.release()
      this.#assertOpen()
    }
    return session
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#lent].map((session) => session.release()))
    await this.#source.close()
  }

  async #borrow<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.session()
    try {
      return await work(session)
    } finally {
      await session.release()
    }
  }

  #assertOpen(): void {
    if (!this.#closing) return
    throw new ConfigError('NO_DATABASE', {
      what: `${this.label} was closed`,
      fix: 'open it once more with openDatabase(), or close it later',
    })
  }
}

/** The engines that run SQL. */
export type Engine = 'postgres' | 'pglite' | 'pg-mem'

/** A part of PostgreSQL that an engine may lack. */
export type Feature =
  | 'deferrableConstraints'
  | 'errorPositions'
  | 'proceduralCode'
  | 'settings'
  | 'syntax'
  | 'systemFunctions'
  | 'temporaryTables'
  | 'types'

/** What an engine can do; what it cannot is asked for in vain with a clear error. */
export interface Capabilities {
  /** Several sessions at the same time: lock waits, concurrent transactions. */
  readonly concurrentSessions: boolean
  /** A running statement can be cancelled from outside. */
  readonly cancel: boolean
  /** What is not as in PostgreSQL, with the reason. Nothing where the engine is PostgreSQL. */
  readonly exceptions: Readonly<Partial<Record<Feature, string>>>
}

export interface QueryResult<Row = Record<string, unknown>> {
  readonly rows: Row[]
  /** Rows affected or returned, as in the command tag; 0 where the tag has none. */
  readonly rowCount: number
  /** The command of the tag: `SELECT`, `INSERT`, `CREATE`, … */
  readonly command: string
}

/** Where SQL can be sent. */
export interface Executor {
  /**
   * Sends one statement and returns its rows.
   *
   * Without `params` the text goes as a simple query, exactly as written: `?`, `$1` and `$$` are not
   * looked at; of several statements the last one's result is returned. With `params` it is one
   * parameterised statement with `$1`, `$2`, …. `openDatabase` lists the values that rows hold; parameters
   * may be of the same kinds.
   *
   * @throws the driver's error, with SQLSTATE (`code`), `detail`, `hint` and `position`.
   * @throws {StatementError} `CONNECTION_LOST`.
   */
  query<Row = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
  ): Promise<QueryResult<Row>>

  /**
   * Runs statements in order, in as few round trips as the engine can, and stops at the first that
   * fails. Each string holds one statement, or several that belong together (raw SQL).
   *
   * No transaction is opened here: outside of one, each string takes effect on its own. Statements within
   * a transaction, that of `transaction()` or a `BEGIN` … `COMMIT` in the list, travel in one message.
   *
   * @throws {StatementFailure} naming the statement that failed.
   * @throws {StatementError} `CONNECTION_LOST`.
   */
  run(statements: readonly string[]): Promise<void>
}

/** One session of the server, held until `release()`. */
export interface Session extends Executor {
  /**
   * `BEGIN`, the work, then `COMMIT`; `ROLLBACK` when it throws.
   *
   * @throws what the work throws.
   * @throws {StatementError} `TRANSACTION_OPEN` when the session is in a transaction already;
   *   `TRANSACTION_ENDED` when nothing is left to commit: a statement ended the transaction, or failed
   *   and its error was dropped.
   */
  transaction<T>(work: (transaction: Executor) => Promise<T>): Promise<T>
  /**
   * What the server said last: idle, in a transaction, or in a failed one. Undefined where the
   * engine cannot tell.
   */
  transactionStatus(): 'idle' | 'transaction' | 'failed' | undefined
  /** The process id the server announced at connect; behind a pooler not the backend's own. */
  readonly announcedPid: number | undefined
  /**
   * Asks the server to cancel the running statement, which then fails with SQLSTATE 57014 unless it has
   * just finished. Resolves when it is over. Does nothing where the engine cannot.
   */
  cancel(): Promise<void>
  /**
   * Gives the session back; a transaction that is still open is rolled back. Settings, advisory locks and
   * temporary tables are the borrower's to undo. Safe to call twice.
   */
  release(): Promise<void>
}

/** An opened database. */
export interface Database extends Executor {
  readonly engine: Engine
  readonly capabilities: Capabilities
  /** Where it is, for messages: without password. */
  readonly label: string
  /** Runs the work in one transaction on one session. */
  transaction<T>(work: (transaction: Executor) => Promise<T>): Promise<T>
  /**
   * Takes a session out of the pool, or the only one there is: then it waits until that is given back.
   *
   * @throws {ConfigError} `CONNECTION_FAILED`; `ENGINE_CAPABILITY` inside a transaction that holds the
   *   only session, where waiting would never end.
   */
  session(): Promise<Session>
  /** Closes what `openDatabase` opened; a client that was passed in stays open. Safe to call twice. */
  close(): Promise<void>
}

/** A statement of a list given to `run()` failed. `cause` is the driver's error, untouched. */
export class StatementFailure extends Error {
  /** Index in the list given to `run()`. */
  readonly index: number
  /** 1-based character position inside that statement, where the server gave one. */
  readonly position: number | undefined

  constructor(index: number, position: number | undefined, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.index = index
    this.position = position
  }

  /** The same failure, counted in another list. */
  at(index: number): StatementFailure {
    const moved = new StatementFailure(index, this.position, this.cause)
    moved.message = this.message
    return moved
  }
}

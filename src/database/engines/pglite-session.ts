import { ConfigError } from '../../errors.ts'
import { StatementFailure } from '../database.ts'
import type { Executor, QueryResult, Session } from '../database.ts'
import { releasedSession } from '../released-session.ts'
import { statementShape } from '../statement-shape.ts'
import {
  assertCommittable,
  assertNoTransaction,
  rolledBack,
  TransactionExecutor,
} from '../transaction.ts'
import { encodeParameters } from '../values.ts'
import { messageOf, positionOf, sqlStateOf } from './driver-error.ts'
import type { PGliteClient, PGliteResult, PGliteRunner } from './pglite-client.ts'
import { readOptions } from './pglite-client.ts'

/** How the session is given back. */
export interface PGliteTerms {
  readonly label: string
  give(): void
  /** Runs a transaction so that a call for another session in it can be told from a wait. */
  hold<T>(work: () => Promise<T>): Promise<T>
}

/** The session of a PGlite instance. */
export class PGliteSession implements Session {
  readonly announcedPid: undefined = undefined
  readonly #client: PGliteClient
  readonly #terms: PGliteTerms
  /** The instance, or the transaction of it that is open. */
  #runner: PGliteRunner
  #hasBegun = false
  #hasFailed = false
  #released: Promise<void> | undefined

  constructor(client: PGliteClient, terms: PGliteTerms) {
    this.#client = client
    this.#terms = terms
    this.#runner = client
  }

  transactionStatus(): ReturnType<Session['transactionStatus']> {
    if (this.#client.closed) return 'idle'
    const isInTransaction = this.#client.isInTransaction?.()
    if (isInTransaction === undefined) return undefined
    if (!isInTransaction) return 'idle'
    return this.#hasFailed ? 'failed' : 'transaction'
  }

  async query<Row = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
  ): Promise<QueryResult<Row>> {
    this.#assertHeld()
    const options = readOptions(this.#client)
    const result = await this.#watch(sql, async () =>
      params === undefined
        ? (await this.#runner.exec(sql, options)).at(-1)
        : this.#runner.query(sql, encodeParameters(params), options),
    )
    return {
      rows: (result?.rows ?? []) as Row[],
      rowCount: rowCount(result),
      command: result?.command ?? '',
    }
  }

  async run(statements: readonly string[]): Promise<void> {
    this.#assertHeld()
    for (const [index, statement] of statements.entries()) {
      try {
        await this.#watch(statement, () => this.#runner.exec(statement))
      } catch (error) {
        throw new StatementFailure(index, positionOf(error), error)
      }
    }
  }

  async transaction<T>(work: (transaction: Executor) => Promise<T>): Promise<T> {
    this.#assertHeld()
    assertNoTransaction(this.#hasBegun ? 'transaction' : this.transactionStatus())
    this.#hasBegun = true
    const transaction = new TransactionExecutor(this)
    try {
      // PGlite's own, because it makes others who use the same instance wait.
      return await this.#client.transaction(async (runner) => {
        this.#runner = runner
        const result = await this.#terms.hold(() => work(transaction))
        transaction.end()
        assertCommittable(this.transactionStatus())
        return result
      })
    } catch (error) {
      throw isRolledBack(error) ? rolledBack(error) : error
    } finally {
      transaction.end()
      this.#runner = this.#client
      this.#hasFailed = false
      this.#hasBegun = false
    }
  }

  /** PGlite runs in this thread: while a statement runs, nothing else does. */
  async cancel(): Promise<void> {}

  release(): Promise<void> {
    this.#released ??= this.#release()
    return this.#released
  }

  async #release(): Promise<void> {
    const status = this.transactionStatus()
    if (status === 'transaction' || status === 'failed') {
      await this.#runner.exec('ROLLBACK').catch(() => undefined)
    }
    this.#terms.give()
  }

  /** Remembers whether the transaction has failed, which PGlite does not tell. */
  async #watch<T>(sql: string, send: () => Promise<T>): Promise<T> {
    // PGlite would wait for input in an endless loop that blocks the whole thread.
    if (statementShape(sql).readsInput) throw noInput()
    try {
      const result = await send()
      // In a failed transaction nothing works but what ends it, or goes back to a savepoint.
      this.#hasFailed = false
      return result
    } catch (error) {
      this.#hasFailed = sqlStateOf(error) !== undefined && this.transactionStatus() !== 'idle'
      throw error
    }
  }

  #assertHeld(): void {
    if (!this.#released) return
    throw releasedSession(this.#terms.label)
  }
}

function noInput(): ConfigError {
  return new ConfigError('ENGINE_CAPABILITY', {
    what: 'PGlite cannot COPY FROM STDIN',
    why: 'there is nothing it could read from',
    fix: 'write INSERT, or use a PostgreSQL server and psql',
  })
}

function rowCount(result: PGliteResult | undefined): number {
  return result?.rowCount ?? (result?.rows.length || result?.affectedRows) ?? 0
}

/** PGlite's error for a COMMIT that the server answered with ROLLBACK. */
function isRolledBack(error: unknown): boolean {
  return messageOf(error) === 'Transaction was rolled back instead of committed'
}

import { StatementError } from '../../errors.ts'
import { StatementFailure } from '../database.ts'
import type { Executor, QueryResult, Session } from '../database.ts'
import { deferred } from '../deferred.ts'
import { releasedSession } from '../released-session.ts'
import { locateFailure, nextBatch } from '../statement-batch.ts'
import type { StatementBatch } from '../statement-batch.ts'
import {
  assertCommittable,
  assertNoTransaction,
  rolledBack,
  TransactionExecutor,
} from '../transaction.ts'
import { encodeParameters, parserOf } from '../values.ts'
import { isFatal, isNotQueryable, messageOf, positionOf, sqlStateOf } from './driver-error.ts'
import { BatchQuery } from './node-postgres-batch.ts'
import { cancelStatement } from './node-postgres-cancel.ts'
import type { Client, ClientQuery } from './node-postgres-client.ts'
import { Turns } from './turns.ts'

/** How a session is given back, and what it may do. */
export interface SessionTerms {
  readonly label: string
  /** Gives the client back; `destroy` when nobody may use it any more. */
  give(destroy: boolean): void
  /** Runs a transaction so that a call for another session in it can be told from a wait. */
  hold<T>(work: () => Promise<T>): Promise<T>
  /** Whether the connection is ours to break off. */
  readonly isOwn: boolean
}

const STATUS = { I: 'idle', T: 'transaction', E: 'failed' } as const
const types = { getTypeParser: parserOf }

/** A Client of `pg` as a Session. */
export class NodePostgresSession implements Session {
  readonly #client: Client
  readonly #terms: SessionTerms
  // `pg` is about to drop its own queue.
  readonly #turns = new Turns()
  #hasBegun = false
  #lost: Error | undefined
  #released: Promise<void> | undefined

  constructor(client: Client, terms: SessionTerms) {
    this.#client = client
    this.#terms = terms
    // Without a listener, a connection that breaks would end the process.
    client.on('error', this.#onError)
  }

  get announcedPid(): number | undefined {
    return this.#client.processID ?? undefined
  }

  transactionStatus(): ReturnType<Session['transactionStatus']> {
    const status = this.#client.getTransactionStatus?.()
    return STATUS[status as keyof typeof STATUS]
  }

  async query<Row = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
  ): Promise<QueryResult<Row>> {
    this.#assertHeld()
    return this.#query<Row>(sql, params)
  }

  #query<Row>(sql: string, params?: readonly unknown[]): Promise<QueryResult<Row>> {
    const query: ClientQuery =
      params === undefined
        ? { text: sql, types }
        : { text: sql, types, values: encodeParameters(params), queryMode: 'extended' }
    return this.#turns.take(async () => {
      const result = await this.#send(() => this.#client.query(query))
      const last = Array.isArray(result) ? result.at(-1) : result
      return {
        rows: (last?.rows ?? []) as Row[],
        rowCount: last?.rowCount ?? 0,
        command: last?.command ?? '',
      }
    })
  }

  async run(statements: readonly string[]): Promise<void> {
    this.#assertHeld()
    return this.#turns.take(async () => {
      for (let index = 0; index < statements.length;) {
        const batch = nextBatch(statements, index, this.#isInTransaction())
        await this.#runBatch(batch)
        index += batch.statements.length
      }
    })
  }

  async transaction<T>(work: (transaction: Executor) => Promise<T>): Promise<T> {
    this.#assertHeld()
    await this.#turns.idle()
    assertNoTransaction(this.#hasBegun || this.#isInTransaction() ? 'transaction' : 'idle')
    this.#hasBegun = true
    const transaction = new TransactionExecutor(this)
    try {
      await this.#query('BEGIN')
      const result = await this.#terms.hold(() => work(transaction))
      transaction.end()
      assertCommittable(this.transactionStatus())
      const { command } = await this.#query('COMMIT')
      if (command === 'ROLLBACK') throw rolledBack()
      return result
    } catch (error) {
      transaction.end()
      await this.#rollback()
      throw error
    } finally {
      this.#hasBegun = false
    }
  }

  cancel(): Promise<void> {
    return this.#turns.cancel(() => cancelStatement(this.#client))
  }

  release(): Promise<void> {
    this.#released ??= this.#release()
    return this.#released
  }

  async #release(): Promise<void> {
    const breakOff = this.#terms.isOwn && this.#turns.isBusy
    if (!breakOff) await this.#rollback()
    this.#client.removeListener('error', this.#onError)
    this.#terms.give(breakOff || this.#lost !== undefined || this.#isInTransaction())
  }

  readonly #onError = (error: Error): void => {
    this.#lost ??= error
  }

  #isInTransaction(): boolean {
    const status = this.transactionStatus()
    return status === undefined ? this.#hasBegun : status !== 'idle'
  }

  async #rollback(): Promise<void> {
    // The status is only certain when everything sent before is answered.
    await this.#turns.idle()
    if (this.#lost || !this.#isInTransaction()) return
    // What went wrong before is worth more than what goes wrong here.
    await this.#query('ROLLBACK').catch(() => undefined)
  }

  #assertHeld(): void {
    if (!this.#released) return
    throw releasedSession(this.#terms.label)
  }

  async #runBatch(batch: StatementBatch): Promise<void> {
    const query = new BatchQuery(batch.sql)
    try {
      await this.#send(() => {
        this.#client.query(query)
        return query.done
      })
    } catch (error) {
      if (error instanceof StatementError) throw error
      const place = locateFailure(batch, query.completed, positionOf(error))
      const failure = new StatementFailure(place.index, place.position, error)
      if (place.isAtEnd && failure.message === 'syntax error at or near ";"') {
        failure.message = 'syntax error at end of input'
      }
      throw failure
    }
  }

  async #send<T>(send: () => Promise<T>): Promise<T> {
    if (this.#lost) throw this.#connectionLost(this.#lost)
    const answered = this.#answered()
    try {
      return await send().catch((error: unknown) => this.#failed(error, answered.promise))
    } finally {
      answered.dispose()
    }
  }

  async #failed(error: unknown, answered: Promise<void>): Promise<never> {
    // A client that has ended says so at once, and nothing more.
    if (isNotQueryable(error)) throw this.#connectionLost(error)
    // The error comes before the message that tells the transaction status.
    await answered
    if (this.#lost || isFatal(error)) throw this.#connectionLost(error)
    throw error
  }

  /** When the server is ready for the next statement, or will not be any more. */
  #answered(): { promise: Promise<void>; dispose(): void } {
    const { promise, resolve } = deferred()
    this.#client.once('drain', resolve)
    this.#client.once('end', resolve)
    return {
      promise,
      dispose: () => {
        this.#client.removeListener('drain', resolve)
        this.#client.removeListener('end', resolve)
      },
    }
  }

  #connectionLost(error: unknown): StatementError {
    this.#lost ??= error instanceof Error ? error : new Error(String(error))
    const state = sqlStateOf(error)
    // The server's last words say more than that the connection is gone.
    const why = state === undefined ? this.#lost.message : `${messageOf(error)} (SQLSTATE ${state})`
    return new StatementError('CONNECTION_LOST', {
      what: `the connection to ${this.#terms.label} was lost`,
      why,
      fix: 'look at what is there before sending the statement again',
      note: 'an open transaction was rolled back; of a COMMIT under way nobody knows',
      details: { ...(state !== undefined && { sqlState: state }) },
      cause: error,
    })
  }
}

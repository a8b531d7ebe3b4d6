import { StatementError } from '../errors.ts'
import type { Executor, QueryResult, Session } from './database.ts'

type Status = ReturnType<Session['transactionStatus']>

/** What runs inside one transaction; refuses to run anything once the transaction is over. */
export class TransactionExecutor implements Executor {
  readonly #session: Executor
  #isOver = false

  constructor(session: Executor) {
    this.#session = session
  }

  async query<Row = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
  ): Promise<QueryResult<Row>> {
    this.#assertOpen()
    return this.#session.query<Row>(sql, params)
  }

  async run(statements: readonly string[]): Promise<void> {
    this.#assertOpen()
    return this.#session.run(statements)
  }

  /** Called when the transaction is committed or rolled back. */
  end(): void {
    this.#isOver = true
  }

  #assertOpen(): void {
    if (!this.#isOver) return
    throw new StatementError('TRANSACTION_ENDED', {
      what: 'a statement was sent to a transaction that has ended',
      why: 'something in its callback was not awaited',
      fix: 'await every call inside the callback of transaction()',
    })
  }
}

/** @throws {StatementError} `TRANSACTION_OPEN` when there is a transaction already. */
export function assertNoTransaction(status: Status): void {
  if (status !== 'transaction' && status !== 'failed') return
  throw new StatementError('TRANSACTION_OPEN', {
    what: 'this session is in a transaction already',
    why: 'PostgreSQL has no transactions within transactions',
    fix: 'use the transaction there is, with SAVEPOINT for a part that may fail',
  })
}

/**
 * Makes sure that `COMMIT` will keep what was done.
 *
 * @throws {StatementError} `TRANSACTION_ENDED` when a statement ended the transaction, or failed and
 *   nobody said so.
 */
export function assertCommittable(status: Status): void {
  if (status === 'failed') throw rolledBack()
  if (status !== 'idle') return
  throw new StatementError('TRANSACTION_ENDED', {
    what: 'a statement inside the transaction ended it',
    why: 'COMMIT or ROLLBACK was sent as a statement; what came after it ran outside',
    fix: 'remove COMMIT and ROLLBACK from the SQL: transaction() sends them',
    note: 'what came before a COMMIT stays, and so does what ran after it',
  })
}

/** The error of a transaction that the server rolled back in spite of `COMMIT`. */
export function rolledBack(cause?: unknown): StatementError {
  return new StatementError('TRANSACTION_ENDED', {
    what: 'the transaction was rolled back instead of committed',
    why: 'a statement in it had failed, and its error was caught and dropped',
    fix: 'let the error through, or put a SAVEPOINT before what may fail and ROLLBACK TO it',
    note: 'nothing of the transaction was kept',
    ...(cause !== undefined && { cause }),
  })
}

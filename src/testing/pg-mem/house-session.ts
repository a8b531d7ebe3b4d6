import type { Executor, QueryResult, Session } from '../../database/database.ts'
import { StatementFailure } from '../../database/database.ts'
import { releasedSession } from '../../database/released-session.ts'
import {
  assertCommittable,
  assertNoTransaction,
  TransactionExecutor,
} from '../../database/transaction.ts'
import { encodeParameters, parserOf } from '../../database/values.ts'
import { oidOf } from './column-type.ts'
import type { Client, MemoryCore } from './memory-core.ts'
import { valueText } from './value-text.ts'

/** How the session is given back. */
export interface HouseTerms {
  readonly label: string
  give(): void
  /** Runs a transaction so that a call for another session in it can be told from a wait. */
  hold<T>(work: () => Promise<T>): Promise<T>
}

/** The session in which migrations and seeds run. */
export class HouseSession implements Session {
  readonly announcedPid: undefined = undefined
  readonly #core: MemoryCore
  readonly #terms: HouseTerms
  readonly #client: Client = { status: 'idle' }
  #isReleased = false

  constructor(core: MemoryCore, terms: HouseTerms) {
    this.#core = core
    this.#terms = terms
  }

  transactionStatus(): Client['status'] {
    return this.#client.status
  }

  async query<Row = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
  ): Promise<QueryResult<Row>> {
    this.#assertHeld()
    const outcome = this.#core.run(this.#client, sql, params && encodeParameters(params)).at(-1)
    const columns = outcome?.columns ?? []
    const rows = (outcome?.rows ?? []).map((row) =>
      Object.fromEntries(
        columns.map(({ name, type }, index) => {
          const text = valueText(row[index], type)
          return [name, text === null ? null : parserOf(oidOf(type))(text)]
        }),
      ),
    )
    return {
      rows: rows as Row[],
      rowCount: outcome?.rowCount ?? 0,
      command: outcome?.command ?? '',
    }
  }

  async run(statements: readonly string[]): Promise<void> {
    this.#assertHeld()
    for (const [index, sql] of statements.entries()) {
      try {
        this.#core.run(this.#client, sql, undefined)
      } catch (error) {
        throw new StatementFailure(index, undefined, error)
      }
    }
  }

  async transaction<T>(work: (transaction: Executor) => Promise<T>): Promise<T> {
    this.#assertHeld()
    assertNoTransaction(this.#client.status)
    this.#core.run(this.#client, 'BEGIN', undefined)
    const transaction = new TransactionExecutor(this)
    try {
      const result = await this.#terms.hold(() => work(transaction))
      transaction.end()
      assertCommittable(this.#client.status)
      this.#core.run(this.#client, 'COMMIT', undefined)
      return result
    } finally {
      transaction.end()
      this.#core.leave(this.#client)
    }
  }

  /** Statements are over before anybody could. */
  async cancel(): Promise<void> {}

  async release(): Promise<void> {
    if (this.#isReleased) return
    this.#isReleased = true
    this.#core.leave(this.#client)
    this.#terms.give()
  }

  #assertHeld(): void {
    if (!this.#isReleased) return
    throw releasedSession(this.#terms.label)
  }
}

import type { Executor, QueryResult, Session } from '../../database/database.ts'
import { StatementFailure } from '../../database/database.ts'
import {
  assertCommittable,
  assertNoTransaction,
  TransactionExecutor,
} from '../../database/transaction.ts'
import { encodeParameters, parserOf } from '../../database/values.ts'
import { oidOf } from './column-type.ts'
import type { Client, MemoryCore } from './memory-core.ts'
import { valueText } from './value-text.ts'

/** The session in which migrations and seeds run. */
export class HouseSession implements Session {
  readonly announcedPid: undefined = undefined
  readonly #core: MemoryCore
  readonly #client: Client = { status: 'idle' }

  constructor(core: MemoryCore) {
    this.#core = core
  }

  transactionStatus(): Client['status'] {
    return this.#client.status
  }

  async query<Row = Record<string, unknown>>(
    sql: string,
    params?: readonly unknown[],
  ): Promise<QueryResult<Row>> {
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
    for (const [index, sql] of statements.entries()) {
      try {
        this.#core.run(this.#client, sql, undefined)
      } catch (error) {
        throw new StatementFailure(index, undefined, error)
      }
    }
  }

  async transaction<T>(work: (transaction: Executor) => Promise<T>): Promise<T> {
    assertNoTransaction(this.#client.status)
    this.#core.run(this.#client, 'BEGIN', undefined)
    const transaction = new TransactionExecutor(this)
    try {
      const result = await work(transaction)
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
    this.#core.leave(this.#client)
  }
}

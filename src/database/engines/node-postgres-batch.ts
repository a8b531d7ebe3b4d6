import { deferred } from '../deferred.ts'
import type { ClientConnection, Submittable } from './node-postgres-client.ts'

/**
 * Statements sent as one simple query, of which nothing is wanted but how many the server has
 * completed. `pg` calls the `handle…` methods as the messages arrive.
 */
export class BatchQuery implements Submittable {
  readonly #sql: string
  #completed = 0
  readonly #done = deferred()

  constructor(sql: string) {
    this.#sql = sql
  }

  /** Settles when the server is done with the message, or has given up. */
  get done(): Promise<void> {
    return this.#done.promise
  }

  /** How many statements were completed: the index of the one that failed. */
  get completed(): number {
    return this.#completed
  }

  submit(connection: ClientConnection): void {
    connection.query(this.#sql)
  }

  handleCommandComplete(): void {
    this.#completed++
  }

  handleError(error: unknown): void {
    this.#done.reject(error)
  }

  handleReadyForQuery(): void {
    this.#done.resolve()
  }

  handleCopyInResponse(connection: ClientConnection): void {
    connection.sendCopyFail('COPY FROM STDIN has nothing to read from here')
  }

  // Rows are of no interest.
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}
  handleCopyData(): void {}
}

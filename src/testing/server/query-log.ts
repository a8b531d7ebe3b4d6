import { Conversation, type LoggedQuery, type OpenQuery } from './conversation.ts'

// Beyond that a list is no help: what comes is counted, and the oldest goes.
const KEPT = 10_000

/** What clients have sent since the test began. */
export class QueryLog {
  #queries: OpenQuery[] = []
  #dropped = 0

  /** How many were sent that are not in the list any more. */
  get dropped(): number {
    return this.#dropped
  }

  /** In the order they were sent. */
  get queries(): LoggedQuery[] {
    return this.#queries.map((query) => ({ ...query }))
  }

  /** A test begins. */
  clear(): void {
    this.#queries = []
    this.#dropped = 0
  }

  /** Listens to a connection. */
  join(label: () => string): Conversation {
    return new Conversation((sql, params) => {
      const connection = label()
      const query: OpenQuery = { connection, sql, params, duration: undefined, error: undefined }
      this.#queries.push(query)
      if (this.#queries.length > KEPT) {
        this.#queries.shift()
        this.#dropped++
      }
      return query
    })
  }
}

import { Conversation } from './conversation.ts'
import { type LoggedQuery, OpenQuery } from './open-query.ts'

// Beyond that a list is no help: what comes is counted, and the oldest goes.
const KEPT = 10_000
const KEPT_BYTES = 32 * 2 ** 20

/** What clients have sent since the test began. */
export class QueryLog {
  #queries: OpenQuery[] = []
  #bytes = 0
  #dropped = 0

  /** How many were sent that are not in the list any more. */
  get dropped(): number {
    return this.#dropped
  }

  /** How many were sent. */
  get count(): number {
    return this.#dropped + this.#queries.length
  }

  /** In the order they were sent. */
  get queries(): LoggedQuery[] {
    return this.#queries.map((query) => query.toLogged())
  }

  /** Those that are not answered yet. */
  get running(): OpenQuery[] {
    return this.#queries.filter(({ duration, isLost }) => duration === undefined && !isLost)
  }

  /** What has been sent after this many. */
  since(count: number): OpenQuery[] {
    return this.#queries.slice(Math.max(0, count - this.#dropped))
  }

  /** A test begins. */
  clear(): void {
    this.#queries = []
    this.#bytes = 0
    this.#dropped = 0
  }

  /** Listens to a connection. */
  join(label: () => string): Conversation {
    return new Conversation((sql, values) => {
      const query = new OpenQuery(label(), sql, values)
      this.#queries.push(query)
      this.#bytes += query.size
      while (this.#queries.length > KEPT || this.#bytes > KEPT_BYTES) {
        const dropped = this.#queries.shift()
        this.#bytes -= dropped?.size ?? this.#bytes
        this.#dropped++
      }
      return query
    })
  }
}

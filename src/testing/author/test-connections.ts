import type { Database, Executor } from '../../database/database.ts'
import { openDatabase } from '../../database/open.ts'
import { assume, type Identity } from './identity.ts'

/** What a test's hand in the database and those it acts for send their statements by. */
export class TestConnections {
  readonly #url: () => string
  #own: Promise<Database> | undefined
  /** Apart from the others: a custom setting that was ever set in a session is never unset again. */
  #others: Promise<Database> | undefined

  constructor(url: () => string) {
    this.#url = url
  }

  /** Runs work; as somebody in a transaction, as who has that identity in that only. */
  async run<T>(
    identity: Identity | undefined,
    work: (executor: Executor) => Promise<T>,
  ): Promise<T> {
    return identity ? await this.transaction(identity, work) : await work(await this.#open())
  }

  async transaction<T>(
    identity: Identity | undefined,
    work: (executor: Executor) => Promise<T>,
  ): Promise<T> {
    if (!identity) return await (await this.#open()).transaction(work)
    this.#others ??= this.#connect()
    return await (
      await this.#others
    ).transaction(async (transaction) => {
      await assume(transaction, identity)
      return await work(transaction)
    })
  }

  /** The next call opens others. */
  async close(): Promise<void> {
    const open = [this.#own, this.#others]
    this.#own = undefined
    this.#others = undefined
    await Promise.all(open.map(async (database) => (await database)?.close()))
  }

  #open(): Promise<Database> {
    this.#own ??= this.#connect()
    return this.#own
  }

  #connect(): Promise<Database> {
    return openDatabase(this.#url(), { applicationName: 'faasjs-pg test' })
  }
}

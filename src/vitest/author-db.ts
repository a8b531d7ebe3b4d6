import type { Tables } from '../tables.ts'
import { TestDb } from '../testing/author/test-db.ts'
import type { LoggedQuery } from '../testing/server/open-query.ts'
import { currentFile } from './current-lease.ts'

/** A moment of the database that it can be put back to; see {@link AuthorDb.snapshot}. */
export interface TestSnapshot {
  readonly number: number
}

/**
 * The database that an {@link AuthorDb} leads to. Not the class that it is: its types would want those of engines
 * to be installed.
 */
export interface LeasedDatabase {
  /** What clients find it by. */
  readonly variables: Readonly<Record<string, string>>
  queries(): Promise<{ readonly queries: readonly LoggedQuery[] }>
  snapshot(): Promise<number>
  restore(snapshot: number): Promise<void>
  publish(): Promise<void>
}

// The name of the connection of `db` itself, whose queries are not the application's.
const OWN = /\(faasjs-pg test\)$/

/** A test's own hand in the database of its file. */
export class AuthorDb<Schema extends object = Tables> extends TestDb<Schema> {
  readonly #own: LeasedDatabase | undefined

  /** @param own - Of a database that one test has for itself; that of the file unless given. */
  constructor(own?: LeasedDatabase) {
    super(() => {
      currentFile().closers.add(() => this.close())
      return this.url
    })
    this.#own = own
  }

  /**
   * Where clients find this database: `process.env.DATABASE_URL`, except in a concurrent test that has one of
   * its own.
   */
  get url(): string {
    return (this.#own?.variables ?? process.env)['DATABASE_URL'] ?? ''
  }

  get #lease(): LeasedDatabase {
    return this.#own ?? currentFile().lease
  }

  override typed<Other extends object>(): AuthorDb<Other> {
    return this as unknown as AuthorDb<Other>
  }

  /**
   * What the code under test has sent since the test began, in that order; without what `db` sent itself.
   *
   * @example
   * ```ts
   * await listPosts()
   * // One query, however many posts there are.
   * expect(await db.queries()).toHaveLength(1)
   * ```
   */
  async queries(): Promise<LoggedQuery[]> {
    const { queries } = await this.#lease.queries()
    return queries.filter(({ connection }) => !OWN.test(connection))
  }

  /**
   * Notes everything that is in the database now, the schema included. It is kept for this test file.
   *
   * @throws {TestDatabaseError} `TEST_TRANSACTION_OPEN` when a connection is in a transaction.
   * @example
   * ```ts
   * const before = await db.snapshot()
   * await importEverything()
   * await db.restore(before)
   * ```
   */
  async snapshot(): Promise<TestSnapshot> {
    return { number: await this.#lease.snapshot() }
  }

  /**
   * Puts everything back to a snapshot, in milliseconds.
   *
   * @throws {TestDatabaseError} `TEST_TRANSACTION_OPEN` when a connection is in a transaction,
   *   `SNAPSHOT_UNUSABLE` when it cannot be done any more.
   */
  async restore(snapshot: TestSnapshot): Promise<void> {
    await this.#lease.restore(snapshot.number)
  }

  /**
   * With `reset: 'transaction'`: commits what the test has done until now, so that what waits for a commit
   * happens. The next test begins with the baseline all the same, after a full reset. Does nothing in other
   * modes, where everything is committed.
   *
   * @throws {TestDatabaseError} `TEST_TRANSACTION_OPEN` when a connection is in a transaction.
   * @throws {Error} PostgreSQL's own, when it refuses the commit.
   * @example
   * ```ts
   * await db.insert('jobs', { kind: 'mail' })
   * await db.publish()
   * ```
   */
  async publish(): Promise<void> {
    await this.#lease.publish()
  }
}

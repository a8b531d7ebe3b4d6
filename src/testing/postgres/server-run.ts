import type { Executor } from '../../database/database.ts'
import { TestDatabaseError } from '../../errors.ts'
import { AdvisoryLock } from './advisory-lock.ts'
import { Connection } from './connection.ts'
import { DatabaseNames } from './database-names.ts'
import { Databases } from './databases.ts'
import { readServerFacts, type ServerFacts } from './server-facts.ts'
import { Templates } from './templates.ts'

/**
 * One run on a server: it holds the lease on the databases that it makes there.
 *
 * The lease is an advisory lock in the maintenance database: the server takes it back when the run is gone,
 * however it ended. Who can get the lock of a run may drop its databases, and nobody else.
 */
export class ServerRun {
  readonly run: string
  readonly facts: ServerFacts
  readonly databases: Databases
  readonly templates: Templates
  readonly #swept: string[] = []
  readonly #connection: Connection
  readonly #names: DatabaseNames

  private constructor(
    run: string,
    connection: Connection,
    names: DatabaseNames,
    facts: ServerFacts,
  ) {
    this.run = run
    this.facts = facts
    this.#connection = connection
    this.#names = names
    this.databases = new Databases(connection, facts)
    this.templates = new Templates(connection, this.databases, names, this.nameOf('template'))
  }

  /**
   * Opens a run, and drops what runs that are gone have left.
   *
   * @param url - Of the maintenance database, which all runs on that server must share.
   * @param name - Of the run, where its databases must have the names of those it had before.
   * @throws {ConfigError} when the server cannot be reached or used.
   */
  static async open(url: string, name: string = DatabaseNames.newRun()): Promise<ServerRun> {
    let lease: ((executor: Executor) => Promise<void>) | undefined
    const connection = new Connection({ url, onConnect: async (executor) => lease?.(executor) })
    try {
      const { rows } = await connection.query<{ name: string }>('SELECT current_database() AS name')
      const facts = await readServerFacts(connection, await connection.announcedPid())
      const run = new ServerRun(name, connection, new DatabaseNames(rows[0]?.name ?? ''), facts)
      // A session that breaks is replaced by another, which needs the lock as well.
      lease = (executor) => takeLease(executor, run.run)
      await lease(connection)
      await run.#sweep()
      return run
    } catch (error) {
      await connection.close()
      throw error
    }
  }

  /** What runs that are gone had left. */
  get swept(): readonly string[] {
    return this.#swept
  }

  nameOf(slot: string): string {
    return this.#names.ofSlot(this.run, slot)
  }

  /** A name for the database of a failed test, which outlives the run. */
  keptName(number: number): string {
    return this.#names.ofKept(this.run, number)
  }

  /** Whether no other run goes on. */
  async isAlone(): Promise<boolean> {
    return !(await AdvisoryLock.isAnyHeld('run', this.#connection))
  }

  /** On a server that is ours alone: drops all other databases that tests have made. */
  async dropAllBut(kept: readonly string[]): Promise<void> {
    for (const name of await this.databases.list()) {
      if (!kept.includes(name)) await this.databases.dropSealed(name)
    }
  }

  /** Gives the lease back, and leaves the databases to others. */
  async release(): Promise<void> {
    await this.#connection.close()
  }

  /** Drops all databases of this run, and gives the lease back. */
  async close(): Promise<void> {
    try {
      for (const name of await this.databases.list()) {
        if (this.#names.runOf(name) === this.run) await this.databases.drop(name)
      }
    } finally {
      await this.#connection.close()
    }
  }

  /** Drops the databases of runs that are gone, and templates that nobody has used for long. */
  async #sweep(): Promise<void> {
    const databases = await this.databases.list()
    const runs = new Set(databases.flatMap((name) => this.#names.runOf(name) ?? []))
    for (const run of runs) {
      const lease = new AdvisoryLock('run', run)
      // Only a run that is gone has no lock, as it takes that before it makes anything.
      if (run === this.run || !(await lease.take(this.#connection))) continue
      for (const name of databases) {
        // Somebody else's, of another role: that is for the role's own runs.
        if (this.#names.runOf(name) === run) await this.#sweepAway(name).catch(() => {})
      }
      await lease.free(this.#connection)
    }
    for (const name of databases) {
      if (this.#names.isTemplate(name) || this.#names.isKept(name)) {
        await this.#sweepIfOld(name).catch(() => {})
      }
    }
  }

  async #sweepIfOld(name: string): Promise<void> {
    if (await this.templates.isOld(name)) await this.#sweepAway(name)
  }

  async #sweepAway(name: string): Promise<void> {
    await this.databases.dropSealed(name)
    this.#swept.push(name)
  }
}

async function takeLease(executor: Executor, run: string): Promise<void> {
  if (await new AdvisoryLock('run', run).take(executor)) return
  throw new TestDatabaseError('TEST_DATABASE_FAILED', {
    what: 'the lease on the test databases was lost',
    why: 'the connection to the server broke, and another run took them for abandoned',
    fix: 'run the tests again',
  })
}

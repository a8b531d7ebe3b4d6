import { setTimeout as sleep } from 'node:timers/promises'

import type { Executor } from '../../database/database.ts'
import { sqlStateOf } from '../../database/engines/driver-error.ts'
import { TestDatabaseError } from '../../errors.ts'
import { identifier } from '../../sql/identifier.ts'
import { literal } from '../../sql/literal.ts'
import { Connection } from './connection.ts'
import { copyProperties } from './copy-properties.ts'
import { DatabaseNames } from './database-names.ts'
import { describeSessions } from './describe-sessions.ts'
import { readServerFacts, type ServerFacts } from './server-facts.ts'
import { daysUnused, noteUse } from './template-note.ts'

// Classes of advisory locks, which are numbers of one database: `fpgr` and `fpgt`.
const RUN_LOCK = 0x66706772
const TEMPLATE_LOCK = 0x66706774
/** Milliseconds between two looks: who waits inside a statement would hold up others. */
const POLL = 25
/** Days after which a template that nobody has used is dropped. */
const KEPT_DAYS = 14
/** The same for one with seeds of a test file. */
const KEPT_LAYER_DAYS = 3
/** How often it is looked, at most, whether sessions have ended. */
const LOOKS = 100
/** Somebody may be looking into a template, or just leaving. */
const CLONE_ATTEMPTS = 3
const RENAME_ATTEMPTS = 20

export interface TemplateOrder {
  /** What it is made of; undefined when that is unknown: then it is this run's alone. */
  readonly key: string | undefined
  /** Keys of templates to begin with, best first. */
  readonly bases: readonly string[]
  /** Completes the database; `base` is the index of what it began with. */
  readonly build: (database: string, base: number | undefined) => Promise<void>
}

export interface Template {
  readonly name: string
  /** This call has built it, on the base of this index, or on nothing. */
  readonly built: { readonly base: number | undefined } | undefined
}

/**
 * What one run does on a server: it makes databases, and holds the lease on them.
 *
 * The lease is an advisory lock in the maintenance database: the server takes it back when the run is gone,
 * however it ended. Who can get the lock of a run may drop its databases, and nobody else.
 */
export class ServerRun {
  readonly run: string
  readonly facts: ServerFacts
  readonly #swept: string[] = []
  readonly #url: string
  readonly #connection: Connection
  readonly #names: DatabaseNames
  /** Databases that are being made over the connection. */
  #creating = 0

  private constructor(
    run: string,
    url: string,
    connection: Connection,
    names: DatabaseNames,
    facts: ServerFacts,
  ) {
    this.run = run
    this.#url = url
    this.#connection = connection
    this.#names = names
    this.facts = facts
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
      const run = new ServerRun(name, url, connection, new DatabaseNames(rows[0]?.name ?? ''), facts)
      // A session that breaks is replaced by another, which needs the lock as well.
      lease = (executor) => acquire(executor, RUN_LOCK, lockNumber(run.run))
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

  /** A name for the database of a failed test, which outlives the run. */
  keptName(number: number): string {
    return this.#names.ofKept(this.run, number)
  }

  /** Whether no other run goes on. */
  async isAlone(): Promise<boolean> {
    const { rowCount } = await this.#connection.query(
      `SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = ${RUN_LOCK} AND pid <> pg_backend_pid()
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    )
    return rowCount === 0
  }

  nameOf(slot: string): string {
    return this.#names.ofSlot(this.run, slot)
  }

  /** Whether a template is there, complete. */
  async hasTemplate(key: string): Promise<boolean> {
    return await this.#isSealed(this.#names.ofTemplate(key))
  }

  /** Finds or builds a template: once, however many runs ask for it at a time. */
  async template(order: TemplateOrder): Promise<Template> {
    const { key } = order
    if (key === undefined) {
      const name = this.nameOf('template')
      return { name, built: { base: await this.#build(name, order) } }
    }
    const name = this.#names.ofTemplate(key)
    for (;;) {
      if (await this.#isSealed(name)) {
        await this.noteUse(name)
        return { name, built: undefined }
      }
      const number = lockNumber(key)
      if (await tryLock(this.#connection, TEMPLATE_LOCK, number)) {
        try {
          // Somebody may have built it between the look and the lock.
          if (await this.#isSealed(name)) continue
          return { name, built: { base: await this.#build(name, order) } }
        } finally {
          await unlock(this.#connection, TEMPLATE_LOCK, number)
        }
      }
      await sleep(POLL)
    }
  }

  /** Makes the database of a slot, in place of one that is there; everybody is thrown out of that. */
  async clone(template: Template, name: string): Promise<void> {
    await this.#empty(name)
    await this.drop(name)
    await this.#copy(template.name, name)
  }

  /**
   * Makes a template of a database that nobody is connected to, unless there is one; for days only, as what it is
   * made of changes often.
   *
   * @returns its name.
   */
  async keepLayer(key: string, origin: string): Promise<string> {
    const name = this.#names.ofTemplate(key)
    const number = lockNumber(key)
    if (await this.#isSealed(name)) return name
    // Somebody else is at it.
    if (!(await tryLock(this.#connection, TEMPLATE_LOCK, number))) return origin
    try {
      if (await this.#isSealed(name)) return name
      await this.clone({ name: origin, built: undefined }, name)
      await this.#seal(name)
      await this.#noteUse(name, KEPT_DAYS - KEPT_LAYER_DAYS)
      return name
    } catch (error) {
      await this.drop(name).catch(() => {})
      throw error
    } finally {
      await unlock(this.#connection, TEMPLATE_LOCK, number)
    }
  }

  /** The template of a layer, which counts as used now; undefined when it is not there. */
  async layer(key: string): Promise<string | undefined> {
    const name = this.#names.ofTemplate(key)
    if (!(await this.#isSealed(name))) return undefined
    await this.#noteUse(name, KEPT_DAYS - KEPT_LAYER_DAYS)
    return name
  }

  /** Whether a database is a template that other runs use, too. */
  isTemplate(name: string): boolean {
    return this.#names.isTemplate(name)
  }

  async dropTemplate(key: string): Promise<void> {
    const name = this.#names.ofTemplate(key)
    if (!(await this.#isSealed(name))) return
    await this.#connection.query(`ALTER DATABASE ${identifier(name)} WITH IS_TEMPLATE false`)
    await this.drop(name)
  }

  async drop(name: string): Promise<void> {
    await this.#connection.query(`DROP DATABASE IF EXISTS ${identifier(name)} WITH (FORCE)`)
  }

  /** Who is connected to a database and to templates, and waits for whom: for an error. */
  async sessions(name: string): Promise<string> {
    return await describeSessions(this.#connection, name)
  }

  /** Drops all templates, and returns their names. */
  async dropTemplates(): Promise<readonly string[]> {
    const templates = (await this.#databases()).filter((name) => this.#names.isTemplate(name))
    for (const name of templates) {
      await this.#connection.query(`ALTER DATABASE ${identifier(name)} WITH IS_TEMPLATE false`)
      await this.drop(name)
    }
    return templates
  }

  /** Has a database of this run stay for good, under a name that no run sweeps away. */
  async rename(name: string, kept: string): Promise<void> {
    await this.drop(kept)
    for (let attempt = 1; ; attempt++) {
      await this.#connection.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${literal(name)}`,
      )
      try {
        await this.#connection.query(
          `ALTER DATABASE ${identifier(name)} RENAME TO ${identifier(kept)}`,
        )
        return await this.noteUse(kept)
      } catch (error) {
        // Somebody is just leaving, or coming.
        if (sqlStateOf(error) !== '55006' || attempt === RENAME_ATTEMPTS) throw error
        await sleep(POLL)
      }
    }
  }

  /** The day is a comment: what nobody uses for long is dropped. */
  async noteUse(name: string): Promise<void> {
    await this.#noteUse(name)
  }

  /** On a server that is ours alone: drops all other databases that tests have made. */
  async dropAllBut(kept: readonly string[]): Promise<void> {
    for (const name of await this.#databases()) {
      if (kept.includes(name)) continue
      if (this.#names.isTemplate(name)) {
        await this.#connection.query(`ALTER DATABASE ${identifier(name)} WITH IS_TEMPLATE false`)
      }
      await this.drop(name)
    }
  }

  /** Gives the lease back, and leaves the databases to others. */
  async release(): Promise<void> {
    await this.#connection.close()
  }

  /** Drops all databases of this run, and gives the lease back. */
  async close(): Promise<void> {
    try {
      for (const name of await this.#databases()) {
        if (this.#names.runOf(name) === this.run) await this.drop(name)
      }
    } finally {
      await this.#connection.close()
    }
  }

  /** Ends the sessions of a database: DROP would look again for them only after a tenth of a second. */
  async #empty(name: string): Promise<void> {
    const sessions = `FROM pg_stat_activity WHERE datname = ${literal(name)}`
    // Somebody else's, of another role: DROP says so.
    await this.#connection.query(`SELECT pg_terminate_backend(pid) ${sessions}`).catch(() => {})
    for (let look = 0; look < LOOKS; look++) {
      if ((await this.#connection.query(`SELECT ${sessions}`)).rowCount === 0) return
      await sleep(1)
    }
  }

  async #build(name: string, { bases, build }: TemplateOrder): Promise<number | undefined> {
    // Half of it may be there: whoever built it was killed.
    await this.drop(name)
    let base: number | undefined
    for (const [index, key] of bases.entries()) {
      if (base === undefined && (await this.hasTemplate(key))) base = index
    }
    try {
      if (base === undefined) await this.#create(name, 'template0')
      else await this.#copy(this.#names.ofTemplate(bases[base] ?? ''), name)
      await build(name, base)
      await this.#seal(name)
    } catch (error) {
      await this.drop(name).catch(() => {})
      throw error
    }
    await this.noteUse(name)
    return base
  }

  async #copy(from: string, to: string): Promise<void> {
    await this.#create(to, from)
    await copyProperties(this.#connection, from, to)
  }

  async #seal(name: string): Promise<void> {
    const isTemplate = this.#names.isTemplate(name)
    await this.#connection.query(
      `ALTER DATABASE ${identifier(name)} WITH ALLOW_CONNECTIONS false IS_TEMPLATE ${isTemplate}`,
    )
  }

  async #create(name: string, template: string): Promise<void> {
    const { major, fsync } = this.facts
    const strategy = major < 15 ? '' : ` STRATEGY ${fsync ? 'WAL_LOG' : 'FILE_COPY'}`
    const sql = `CREATE DATABASE ${identifier(name)} TEMPLATE ${identifier(template)}${strategy}`
    // The slots of a run want theirs at the same time.
    const isSpare = this.#creating > 0
    const connection = isSpare ? new Connection({ url: this.#url }) : this.#connection
    if (!isSpare) this.#creating++
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          await connection.query(sql)
          return
        } catch (error) {
          if (sqlStateOf(error) !== '55006' || attempt === CLONE_ATTEMPTS) throw error
        }
      }
    } finally {
      if (isSpare) await connection.close()
      else this.#creating--
    }
  }

  /** Drops the databases of runs that are gone, and templates that nobody has used for long. */
  async #sweep(): Promise<void> {
    const databases = await this.#databases()
    const runs = new Set(databases.flatMap((name) => this.#names.runOf(name) ?? []))
    for (const run of runs) {
      const number = lockNumber(run)
      // Only a run that is gone has no lock, as it takes that before it makes anything.
      if (run === this.run || !(await tryLock(this.#connection, RUN_LOCK, number))) continue
      for (const name of databases) {
        // Somebody else's, of another role: that is for the role's own runs.
        if (this.#names.runOf(name) === run) await this.#sweepAway(name).catch(() => {})
      }
      await unlock(this.#connection, RUN_LOCK, number)
    }
    const dated = databases.filter(
      (name) => this.#names.isTemplate(name) || this.#names.isKept(name),
    )
    for (const name of dated) {
      await this.#dropIfOld(name).catch(() => {})
    }
  }

  async #dropIfOld(name: string): Promise<void> {
    if ((daysUnused(await this.#comment(name)) ?? 0) <= KEPT_DAYS) return
    await this.#connection.query(`ALTER DATABASE ${identifier(name)} WITH IS_TEMPLATE false`)
    await this.#sweepAway(name)
  }

  async #sweepAway(name: string): Promise<void> {
    await this.drop(name)
    this.#swept.push(name)
  }

  /** The comment of a template is the day of its last use, or so many before. */
  async #noteUse(name: string, daysBefore = 0): Promise<void> {
    const comment = await this.#comment(name)
    const noted = noteUse(comment, daysBefore)
    if (noted === comment) return
    await this.#connection
      .query(`COMMENT ON DATABASE ${identifier(name)} IS ${literal(noted)}`)
      // Made by another role: then that keeps it.
      .catch(() => {})
  }

  async #comment(name: string): Promise<string | null> {
    const { rows } = await this.#connection.query<{ comment: string | null }>(
      `SELECT shobj_description(oid, 'pg_database') AS comment FROM pg_database WHERE datname = ${literal(name)}`,
    )
    return rows[0]?.comment ?? null
  }

  async #isSealed(name: string): Promise<boolean> {
    const { rowCount } = await this.#connection.query(
      `SELECT FROM pg_database WHERE datname = ${literal(name)} AND datistemplate AND NOT datallowconn`,
    )
    return rowCount > 0
  }

  async #databases(): Promise<string[]> {
    const { rows } = await this.#connection.query<{ name: string }>(
      `SELECT datname::text AS name FROM pg_database WHERE datname LIKE 'fpg%'`,
    )
    return rows.map(({ name }) => name)
  }
}

async function acquire(executor: Executor, lock: number, number: number): Promise<void> {
  if (await tryLock(executor, lock, number)) return
  throw new TestDatabaseError('TEST_DATABASE_FAILED', {
    what: 'the lease on the test databases was lost',
    why: 'the connection to the server broke, and another run took them for abandoned',
    fix: 'run the tests again',
  })
}

async function tryLock(executor: Executor, lock: number, number: number): Promise<boolean> {
  const sql = `SELECT pg_try_advisory_lock(${lock}, ${number}) AS held`
  return (await executor.query<{ held: boolean }>(sql)).rows[0]?.held ?? false
}

async function unlock(executor: Executor, lock: number, number: number): Promise<void> {
  await executor.query(`SELECT pg_advisory_unlock(${lock}, ${number})`)
}

/** The 32 bits that the first eight hexadecimal digits of a name are. */
function lockNumber(name: string): number {
  return Number.parseInt(name.slice(0, 8), 16) | 0
}

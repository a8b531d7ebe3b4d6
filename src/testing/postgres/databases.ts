import { setTimeout as sleep } from 'node:timers/promises'

import { sqlStateOf } from '../../database/engines/driver-error.ts'
import { identifier } from '../../sql/identifier.ts'
import { literal } from '../../sql/literal.ts'
import type { Connection } from './connection.ts'
import { copyProperties } from './copy-properties.ts'
import { describeSessions } from './describe-sessions.ts'
import type { ServerFacts } from './server-facts.ts'
import { daysUnused, noteUse } from './template-note.ts'

/** How often it is looked, at most, whether sessions have ended. */
const LOOKS = 100
/** Somebody may be looking into a template, or just leaving. */
const CLONE_ATTEMPTS = 3
const RENAME_ATTEMPTS = 20
/** Milliseconds between two of these. */
const RENAME_PAUSE = 25

/** The databases of this package on a server: how they are made, sealed, renamed and dropped. */
export class Databases {
  readonly #connection: Connection
  readonly #facts: ServerFacts
  /** A database is being made over the connection. */
  #isCreating = false

  /** @param connection - To the maintenance database. */
  constructor(connection: Connection, facts: ServerFacts) {
    this.#connection = connection
    this.#facts = facts
  }

  /** The names of all of them, those of other runs as well. */
  async list(): Promise<string[]> {
    const { rows } = await this.#connection.query<{ name: string }>(
      `SELECT datname::text AS name FROM pg_database WHERE datname LIKE 'fpg%'`,
    )
    return rows.map(({ name }) => name)
  }

  /** Who is connected to a database and to templates, and waits for whom: for an error. */
  async sessions(name: string): Promise<string> {
    return await describeSessions(this.#connection, name)
  }

  async create(name: string, template: string): Promise<void> {
    // The slots of a run want theirs at the same time.
    const spare = this.#isCreating ? await this.#openAnother() : undefined
    if (spare) {
      try {
        return await this.#createOver(spare, name, template)
      } finally {
        await spare.close()
      }
    }
    this.#isCreating = true
    try {
      await this.#createOver(this.#connection, name, template)
    } finally {
      this.#isCreating = false
    }
  }

  /** Makes a database like another one, with the settings and grants that CREATE DATABASE leaves out. */
  async copy(from: string, to: string): Promise<void> {
    await this.create(to, from)
    await copyProperties(this.#connection, from, to)
  }

  /** Makes a copy in place of a database that is there; everybody is thrown out of that. */
  async clone(from: string, to: string): Promise<void> {
    await this.#empty(to)
    await this.drop(to)
    await this.copy(from, to)
  }

  async drop(name: string): Promise<void> {
    await this.#connection.query(`DROP DATABASE IF EXISTS ${identifier(name)} WITH (FORCE)`)
  }

  /** Nobody can connect to it any more; a template is protected from being dropped, too. */
  async seal(name: string, isTemplate: boolean): Promise<void> {
    await this.#connection.query(
      `ALTER DATABASE ${identifier(name)} WITH ALLOW_CONNECTIONS false IS_TEMPLATE ${isTemplate}`,
    )
  }

  /** Whether it is a template that is complete. */
  async isSealed(name: string): Promise<boolean> {
    const { rowCount } = await this.#connection.query(
      `SELECT FROM pg_database WHERE datname = ${literal(name)} AND datistemplate AND NOT datallowconn`,
    )
    return rowCount > 0
  }

  /** Drops a database that may be a template. */
  async dropSealed(name: string): Promise<void> {
    await this.#connection.query(`ALTER DATABASE ${identifier(name)} WITH IS_TEMPLATE false`)
    await this.drop(name)
  }

  /** Has a database stay for good, under a name that no run sweeps away. */
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
        await sleep(RENAME_PAUSE)
      }
    }
  }

  /** The day of its last use, or so many before, is its comment: what nobody uses for long is dropped. */
  async noteUse(name: string, daysBefore = 0): Promise<void> {
    const comment = await this.#comment(name)
    const noted = noteUse(comment, daysBefore)
    if (noted === comment) return
    await this.#connection
      .query(`COMMENT ON DATABASE ${identifier(name)} IS ${literal(noted)}`)
      // Made by another role: then that keeps it.
      .catch(() => {})
  }

  /** Whole days since it was used; undefined when nobody has noted that. */
  async daysUnused(name: string): Promise<number | undefined> {
    return daysUnused(await this.#comment(name))
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

  async #comment(name: string): Promise<string | null> {
    const { rows } = await this.#connection.query<{ comment: string | null }>(
      `SELECT shobj_description(oid, 'pg_database') AS comment FROM pg_database WHERE datname = ${literal(name)}`,
    )
    return rows[0]?.comment ?? null
  }

  /** Undefined when the server has no room for it. */
  async #openAnother(): Promise<Connection | undefined> {
    const another = this.#connection.another()
    return await another.announcedPid().then(
      () => another,
      () => undefined,
    )
  }

  async #createOver(connection: Connection, name: string, template: string): Promise<void> {
    const { major, fsync } = this.#facts
    const strategy = major < 15 ? '' : ` STRATEGY ${fsync ? 'WAL_LOG' : 'FILE_COPY'}`
    const sql = `CREATE DATABASE ${identifier(name)} TEMPLATE ${identifier(template)}${strategy}`
    for (let attempt = 1; ; attempt++) {
      try {
        await connection.query(sql)
        return
      } catch (error) {
        if (sqlStateOf(error) !== '55006' || attempt === CLONE_ATTEMPTS) throw error
      }
    }
  }
}

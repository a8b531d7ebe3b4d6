import type { Executor } from '../../database/database.ts'

// Classes of advisory locks, which are numbers of one database: `fpgr` and `fpgt`.
const CLASSES = { run: 0x66706772, template: 0x66706774 }

type LockKind = keyof typeof CLASSES

/** A lock that one session of the maintenance database holds, for what has this name. It is never waited for. */
export class AdvisoryLock {
  readonly #key: string

  /** @param name - Begins with eight hexadecimal digits, which are the lock's 32 bits. */
  constructor(kind: LockKind, name: string) {
    this.#key = `${CLASSES[kind]}, ${Number.parseInt(name.slice(0, 8), 16) | 0}`
  }

  /** @returns false when another session holds it. */
  async take(session: Executor): Promise<boolean> {
    const sql = `SELECT pg_try_advisory_lock(${this.#key}) AS held`
    return (await session.query<{ held: boolean }>(sql)).rows[0]?.held ?? false
  }

  async free(session: Executor): Promise<void> {
    await session.query(`SELECT pg_advisory_unlock(${this.#key})`)
  }

  /** Whether another session holds a lock of this kind. */
  static async isAnyHeld(kind: LockKind, session: Executor): Promise<boolean> {
    const { rowCount } = await session.query(
      `SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = ${CLASSES[kind]} AND pid <> pg_backend_pid()
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    )
    return rowCount > 0
  }
}

import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Executor, QueryResult } from '../../database/database.ts'
import { literal } from '../../sql/literal.ts'
import { BASELINE_SCHEMA, FORGET_BASELINE, SCHEMA_CHANGED } from './baseline-schema.ts'
import {
  OPEN_TRANSACTIONS,
  PREPARED_TRANSACTIONS,
  TRANSACTION_OPEN,
  UNCHANGED,
} from './reset-procedure.ts'
import { findPrivileges, type Privileges, serverCaptureSql } from './server-capture.ts'
import { type BaselineQuery, copyDifference } from './server-difference.ts'

/** A transaction of another session that was ended. */
export interface EndedTransaction {
  /** Undefined for a prepared one, which has no session. */
  readonly pid: number | undefined
  /** A statement was running. */
  readonly active: boolean
  readonly application: string
  /** Of a prepared transaction its name. */
  readonly query: string
}

/** What was changed that cannot be put back in place. */
export interface ServerChange {
  /**
   * `database`: the schema, settings of the database, large objects, or content that cannot be written. The
   * rows are in no known state; the database must be made anew from its template. `server`: roles, their
   * settings, or those of the system, which all databases of the server share. Rows were put back, and the next
   * reset does not mention it again; it may have been somebody else.
   */
  readonly of: 'database' | 'server'
  readonly reason: string
}

/** What the procedure `reset()` says. */
interface Answer {
  readonly mark: string | null
  readonly outcome: string | null
  readonly roles: boolean | null
}

export interface ServerReset {
  /** Tables, sequences and materialized views that were put back. */
  readonly relations: number
  /** Transactions that were open: their rows would come after the reset. */
  readonly ended: readonly EndedTransaction[]
  readonly changes: readonly ServerChange[]
}

// A name like the baseline's own is PostgreSQL's to give, unless a superuser asks.
const PLAIN_SCHEMA = 'faasjs_pg_baseline'

// A client has its error, or its answer, before the transaction of that statement is over.
const ENDING = `SELECT count(*)::int AS running, count(*) FILTER (WHERE state <> 'active')::int AS left ${OPEN_TRANSACTIONS}`
/** Milliseconds that a statement has to come to its end by itself. */
const GRACE = 100
const LOOK_AGAIN = 2
const END_TRANSACTIONS = `
SELECT pid, state = 'active' AS active, application_name AS application, query, pg_terminate_backend(pid)
${OPEN_TRANSACTIONS}`

const STILL_THERE = `SELECT FROM pg_stat_activity WHERE pid = ANY ($1)`

// Somebody may have begun a transaction since the others were ended.
const ATTEMPTS = 3
const IN_THE_WAY = new Set(['55P03', '40P01', '40001'])

/**
 * The baseline of one database on a real server, servers 13 to 18. It lies in the database, so that copies of
 * it have it, too.
 *
 * Whoever resets must own everything in the database. A superuser, or a role that may set
 * `session_replication_role`, puts rows back without anybody noticing; others have the triggers, rules and
 * row security of a table off meanwhile. Without a superuser, neither changes of the system's settings are
 * seen nor those of what is in a large object, or of the options of a user mapping.
 */
export class ServerBaseline {
  readonly #executor: Executor
  #privileges: Privileges | undefined
  /** The mark when the baseline was in place last. */
  #cleanAt: string | undefined

  /** @param executor - One session of the database, or anything that always uses a fresh one. */
  constructor(executor: Executor) {
    this.#executor = executor
  }

  /** Records the present state of the database. Nobody else may be writing. */
  async capture(): Promise<void> {
    this.#cleanAt = undefined
    this.#privileges = undefined
    const privileges = await this.#findPrivileges()
    for (const sql of serverCaptureSql(privileges)) await this.#query(sql)
  }

  /** Says nothing of the roles and settings that the server has got since the state was recorded. */
  async acceptRoles(): Promise<void> {
    await this.#query(`SELECT ${BASELINE_SCHEMA}.notice_roles()`)
  }

  /**
   * Puts the rows, sequences and materialized views of the database back to its baseline. Transactions of other
   * sessions are ended first, with their sessions.
   *
   * @throws the driver's error when the server does not answer.
   */
  async reset(): Promise<ServerReset> {
    const ended: EndedTransaction[] = []
    for (let attempt = 1; ; attempt++) {
      try {
        let answer = await this.#restore(false)
        if (answer.outcome === TRANSACTION_OPEN) {
          ended.push(...(await this.#endTransactions()))
          answer = await this.#restore(true)
        }
        return { ended, ...(await this.#conclude(answer)) }
      } catch (error) {
        const { code } = error as { code?: string }
        // A lost connection is no statement about the schema.
        if (code === undefined || /^(?:08|57P)/.test(code)) throw error
        if (IN_THE_WAY.has(code) && attempt < ATTEMPTS) continue
        // Nobody copies a database in which a transaction is prepared.
        ended.push(...(await this.endTransactions()))
        const reason = `rows could not be put back: ${(error as Error).message}`
        return { relations: 0, ended, changes: [{ of: 'database', reason }] }
      }
    }
  }

  /**
   * Makes a clone of the template like this database, without anybody noticing who is connected here.
   *
   * @param here - A transaction of this database that has just begun.
   * @param there - One of the clone.
   * @returns false when the schema is another: rows are not enough then.
   */
  async copyInto(here: Executor, there: Executor): Promise<boolean> {
    await here.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
    // Who asks anywhere else would wait for the transaction.
    const privileges = (this.#privileges ??= await findPrivileges(here))
    const isReplica = privileges.isSuperuser || privileges.isReplica
    const query: BaselineQuery = async (sql, params) => here.query(await this.named(sql), params)
    return await copyDifference(query, there, { version: privileges.version, isReplica })
  }

  /** Takes the record of the baseline out: the database is for somebody who looks at it. */
  async forget(): Promise<void> {
    await this.#query(FORGET_BASELINE)
  }

  /** Ends the transactions of other sessions, and leaves the rows as they are. */
  async endTransactions(): Promise<readonly EndedTransaction[]> {
    const { rows } = await this.#query<{ isOpen: boolean }>(
      `SELECT EXISTS (SELECT ${OPEN_TRANSACTIONS}) OR EXISTS (SELECT ${PREPARED_TRANSACTIONS}) AS "isOpen"`,
    )
    return rows[0]?.isOpen === false ? [] : await this.#endTransactions()
  }

  async #restore(isEnding: boolean): Promise<Answer> {
    const mark = this.#cleanAt === undefined ? 'NULL' : literal(this.#cleanAt)
    this.#cleanAt = undefined
    const { rows } = await this.#query<Answer>(
      `CALL ${BASELINE_SCHEMA}.reset(${mark}, ${isEnding}, NULL, NULL)`,
    )
    return rows[0] ?? { mark: null, outcome: null, roles: null }
  }

  async #conclude({ mark, outcome, roles }: Answer): Promise<Omit<ServerReset, 'ended'>> {
    const changes: ServerChange[] = []
    if (roles) {
      changes.push({
        of: 'server',
        reason: 'roles, their settings or those of the system were changed',
      })
    }
    if (outcome === SCHEMA_CHANGED) {
      changes.push({
        of: 'database',
        reason:
          'the schema, settings of the database, large objects or a volatile view were changed',
      })
      return { relations: 0, changes }
    }
    const [relations = '0', ...bloated] = outcome === UNCHANGED ? [] : (outcome?.split(' ') ?? [])
    // Which is written to the log.
    if (bloated.length > 0) await this.#query(`VACUUM ${bloated.join(' ')}`)
    else this.#cleanAt = mark ?? undefined
    return { relations: Number(relations), changes }
  }

  /** Waits for statements that are about to end; one that nobody waits for may be in time as well. */
  async #awaitEnds(): Promise<void> {
    const end = performance.now() + GRACE
    for (;;) {
      const { rows } = await this.#query<{ running: number; left: number }>(ENDING)
      const { running, left } = rows[0] ?? { running: 0, left: 0 }
      // Nobody ends those that are idle in a transaction; which statements may wait for.
      if (running === left || performance.now() > end) return
      await sleep(LOOK_AGAIN)
    }
  }

  async #endTransactions(): Promise<EndedTransaction[]> {
    await this.#awaitEnds()
    const { rows } = await this.#query<EndedTransaction & { pid: number }>(END_TRANSACTIONS)
    const pids = rows.map(({ pid }) => pid)
    // They hold locks and may still commit until they are gone.
    while (pids.length > 0 && (await this.#query(STILL_THERE, [pids])).rowCount > 0);
    const prepared = await this.#query<{ gid: string }>(`SELECT gid ${PREPARED_TRANSACTIONS}`)
    for (const { gid } of prepared.rows) await this.#query(`ROLLBACK PREPARED ${literal(gid)}`)
    return [
      ...rows.map(({ pid, active, application, query }) => ({ pid, active, application, query })),
      ...prepared.rows.map(({ gid }) => ({
        pid: undefined,
        active: false,
        application: '',
        query: gid,
      })),
    ]
  }

  async #query<Row>(sql: string, params?: readonly unknown[]): Promise<QueryResult<Row>> {
    return await this.#executor.query<Row>(await this.named(sql), params)
  }

  /** The statement with the schema's name as it is for this role. */
  async named(sql: string): Promise<string> {
    const { isSuperuser } = await this.#findPrivileges()
    return isSuperuser ? sql : sql.replaceAll(BASELINE_SCHEMA, PLAIN_SCHEMA)
  }

  async #findPrivileges(): Promise<Privileges> {
    this.#privileges ??= await findPrivileges(this.#executor)
    return this.#privileges
  }
}

import { noDatabaseUrl } from '../database/database-url.ts'
import type { Database, Session } from '../database/database.ts'
import { openDatabase } from '../database/open.ts'
import type { DatabaseTarget } from '../database/open.ts'
import type { Migration } from './define-migration.ts'
import type { MigrationEvent, MigrationRun } from './events.ts'
import { HISTORY_TABLE, historyTable, readHistory } from './history.ts'
import { listMigrations, planDown, planMigrate, planUp } from './plan.ts'
import type { AppliedMigration, ListedMigration, Planner } from './plan.ts'
import type { RunKind, RunOutcome } from './run-plan.ts'
import { readSession } from './session-facts.ts'
import { DEFAULT_FOLDER, findMigrations, givenMigrations } from './source.ts'
import type { MigrationFile } from './source.ts'

export interface MigratorOptions {
  /** What to migrate: a `pg` Pool or Client, a PGlite instance, a database; it stays open. */
  readonly client?: DatabaseTarget
  /** The address of what to migrate, in place of `client`. */
  readonly url?: string | undefined
  /** The folder of the migrations; `src/db/migrations` unless given. */
  readonly folder?: string | undefined
  /** The migrations themselves, in place of a folder; each has a `name`. */
  readonly migrations?: readonly Migration[] | undefined
  /**
   * The history table, `faasjs_pg_migrations` unless given. Without a schema (`'ops.history'`) it is in
   * the session's current one.
   */
  readonly historyTable?: string | undefined
  /** How long to wait for another run to end, in milliseconds; 10 minutes unless given. */
  readonly lockWait?: number | undefined
  /** Called as the run goes on. */
  readonly onEvent?: ((event: MigrationEvent) => void) | undefined
}

export interface RunOptions {
  /** Stops the run: its running statement is cancelled, its migration rolled back. */
  readonly signal?: AbortSignal | undefined
}

/** What `migrate()` and `up()` have done. */
export interface MigrateResult {
  readonly applied: readonly MigrationRun[]
  /** What is pending still. */
  readonly pending: readonly string[]
  /** What is in the history without a file. */
  readonly missing: readonly string[]
}

/** What `down()` has done. */
export interface DownResult {
  readonly reverted: readonly MigrationRun[]
  readonly pending: readonly string[]
  readonly missing: readonly string[]
}

const LOCK_WAIT = 10 * 60 * 1000

/**
 * Brings a database to the state that a folder of migrations describes.
 *
 * @example
 * ```ts
 * const migrator = new Migrator({ url: process.env.DATABASE_URL, folder: 'src/db/migrations' })
 * await migrator.migrate()
 * await migrator.close()
 * ```
 */
export class Migrator {
  readonly #options: MigratorOptions
  readonly #target: DatabaseTarget
  #database: Promise<Database> | undefined

  /**
   * @throws {ConfigError} `NO_DATABASE_URL` when there is neither `client` nor `url`.
   */
  constructor(options: MigratorOptions) {
    const target = options.client ?? options.url
    if (target === undefined || target === '') throw noDatabaseUrl()
    this.#target = target
    this.#options = options
  }

  /**
   * What has been applied, in that order. Writes nothing, creates nothing, takes no lock: it works on a
   * read-only replica.
   */
  async status(): Promise<AppliedMigration[]> {
    return this.#readHistory(await this.#open())
  }

  /** Every migration with its state, in the order of their names. Writes nothing either. */
  async list(): Promise<ListedMigration[]> {
    // The folder is listed while the server answers.
    const database = await this.#open()
    const history = this.#readHistory(database)
    // When both fail, the folder is the one to report.
    history.catch(() => undefined)
    return listMigrations(await this.#files(), await history)
  }

  /**
   * Applies everything that is pending, each migration in a transaction of its own.
   *
   * @throws {MigrationFileError} when a file cannot be used.
   * @throws {StatementError} when PostgreSQL rejects a statement: that migration is not applied, those
   *   before it are. `INTERRUPTED` when the signal stopped the run.
   * @throws {LockError} when another run does not end in time.
   */
  async migrate(options: RunOptions = {}): Promise<MigrateResult> {
    return this.#apply(planMigrate, options)
  }

  /** Applies the first migration that is pending. Throws what `migrate` throws. */
  async up(options: RunOptions = {}): Promise<MigrateResult> {
    return this.#apply(planUp, options)
  }

  /**
   * Takes back what was applied last.
   *
   * @throws {HistoryError} `MISSING_FILE` when its file is gone.
   * @throws {IrreversibleError} when there is no way back; nothing was changed.
   */
  async down(options: RunOptions = {}): Promise<DownResult> {
    const { plan, done } = await this.#run(planDown, 'reverted', options)
    const back = plan.steps.map(({ name }) => name)
    return {
      reverted: done,
      pending: [...plan.remaining, ...back].toSorted(),
      missing: plan.missing,
    }
  }

  /** Closes the connection; a `client` that was passed in stays open. Safe to call twice. */
  async close(): Promise<void> {
    const opened = this.#database
    this.#database = undefined
    if (!opened) return
    // An open that failed has been reported to whoever asked for it.
    const database = await opened.catch(() => undefined)
    if (database !== this.#target) await database?.close()
  }

  async #apply(planner: Planner, options: RunOptions): Promise<MigrateResult> {
    const { plan, done } = await this.#run(planner, 'applied', options)
    return { applied: done, pending: plan.remaining, missing: plan.missing }
  }

  async #run(planner: Planner, kind: RunKind, { signal }: RunOptions): Promise<RunOutcome> {
    const files = await this.#files()
    const { historyTable: table = HISTORY_TABLE, lockWait = LOCK_WAIT, onEvent } = this.#options
    // Looking needs neither the builder nor the loader of files.
    const { runPlan } = await import('./run-plan.ts')
    return withSession(await this.#open(), (session) =>
      runPlan(session, { files, planner, kind, historyTable: table, lockWait, onEvent, signal }),
    )
  }

  async #readHistory(database: Database): Promise<AppliedMigration[]> {
    const option = this.#options.historyTable ?? HISTORY_TABLE
    return withSession(database, async (session) =>
      readHistory(session, historyTable(option, await readSession(session))),
    )
  }

  #open(): Promise<Database> {
    this.#database ??= openDatabase(this.#target)
    return this.#database
  }

  async #files(): Promise<MigrationFile[]> {
    if (this.#options.migrations) return givenMigrations(this.#options.migrations)
    return findMigrations(this.#options.folder ?? DEFAULT_FOLDER)
  }
}

async function withSession<T>(
  database: Database,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await database.session()
  try {
    return await work(session)
  } finally {
    await session.release()
  }
}

import { resolve } from 'node:path'

import type { Database, Session } from '../../database/database.ts'
import { openDatabase } from '../../database/open.ts'
import { MigrationFileError, TestDatabaseError } from '../../errors.ts'
import { HISTORY_TABLE } from '../../migration/history.ts'
import { planDown, planMigrate, type Planner } from '../../migration/plan.ts'
import { runPlan, type RunKind } from '../../migration/run-plan.ts'
import { DEFAULT_FOLDER, findMigrations, type MigrationFile } from '../../migration/source.ts'
import { schemaLines } from './schema-lines.ts'
import { TestDb } from './test-db.ts'

export interface MigrationTestOptions {
  /** An empty database that nobody else uses. */
  readonly url: string
  /** Folder of the migrations; `src/db/migrations` unless given. */
  readonly folder?: string | undefined
}

/** What a test tries one migration with: a database in which those before it have been applied. */
export class MigrationTest {
  /** The test's hand in that database, whose tables are not yet, or no longer, those that are declared. */
  readonly db: TestDb<object>
  readonly #database: Database
  /** Those before the migration, and itself. */
  readonly #files: readonly MigrationFile[]
  /** The schema before the migration was applied first. */
  #original: readonly string[] | undefined

  private constructor(database: Database, url: string, files: readonly MigrationFile[]) {
    this.db = new TestDb<object>(() => url)
    this.#database = database
    this.#files = files
  }

  /**
   * Applies what comes before the migration.
   *
   * @param name - The file's name without its extension.
   * @throws {MigrationFileError} `MIGRATION_NOT_FOUND` when there is no such file.
   * @throws {StatementError} when PostgreSQL rejects one of those before it.
   */
  static async start(name: string, { url, folder }: MigrationTestOptions): Promise<MigrationTest> {
    const files = await findMigrations(resolve(folder ?? DEFAULT_FOLDER))
    const at = files.findIndex((file) => file.name === name)
    if (at < 0) throw notFound(name, files)
    const database = await openDatabase(url, { applicationName: 'faasjs-pg test' })
    const started = new MigrationTest(database, url, files.slice(0, at + 1))
    try {
      await started.#run(files.slice(0, at), planMigrate, 'applied')
    } catch (error) {
      await started.close()
      throw error
    }
    return started
  }

  /** Puts rows there that the migration has to cope with; a name for what `db` would do as well. */
  async before<T>(work: (db: TestDb<object>) => Promise<T>): Promise<T> {
    return await work(this.db)
  }

  /** Applies the migration. Throws what `Migrator.migrate()` throws. */
  async up(): Promise<void> {
    this.#original ??= await schemaLines(this.db)
    await this.#run(this.#files, planMigrate, 'applied')
  }

  /** Takes the migration back. Throws what `Migrator.down()` throws. */
  async down(): Promise<void> {
    await this.#run(this.#files, planDown, 'reverted')
  }

  /**
   * Applies the migration, unless it is, takes it back and applies it again, and compares the schema: after
   * `down` it must be what it was before `up`, and after the second `up` what it was after the first.
   *
   * @throws {TestDatabaseError} `NOT_REVERSIBLE`, naming the objects that differ.
   */
  async expectReversible(): Promise<void> {
    await this.up()
    const changed = await schemaLines(this.db)
    await this.down()
    this.#expectSame(this.#original ?? [], await schemaLines(this.db), 'after up and down')
    await this.up()
    this.#expectSame(changed, await schemaLines(this.db), 'after a second up')
  }

  /** Ends the connections. */
  async close(): Promise<void> {
    await this.db.close()
    await this.#database.close()
  }

  async #run(files: readonly MigrationFile[], planner: Planner, kind: RunKind): Promise<void> {
    const session: Session = await this.#database.session()
    try {
      await runPlan(session, {
        files,
        planner,
        kind,
        historyTable: HISTORY_TABLE,
        // Nobody else is there.
        lockWait: 0,
        onEvent: undefined,
        signal: undefined,
      })
    } finally {
      await session.release()
    }
  }

  #expectSame(expected: readonly string[], actual: readonly string[], when: string): void {
    const lost = expected.filter((line) => !actual.includes(line))
    const added = actual.filter((line) => !expected.includes(line))
    if (lost.length === 0 && added.length === 0) return
    throw new TestDatabaseError('NOT_REVERSIBLE', {
      what: `the schema is another one ${when} of migration "${this.#files.at(-1)?.name}"`,
      why: [
        ...lost.map((line) => `missing: ${line}`),
        ...added.map((line) => `left: ${line}`),
      ].join('\n       '),
      fix: 'correct its down, or leave it out, so that it is derived from up',
      details: { lost, added },
    })
  }
}

function notFound(name: string, files: readonly MigrationFile[]): MigrationFileError {
  const known = files.map((file) => file.name)
  return new MigrationFileError('MIGRATION_NOT_FOUND', {
    what: `there is no migration "${name}"`,
    why: known.length > 0 ? `the latest are: ${known.slice(-5).join(', ')}` : 'the folder has none',
    fix: "pass the file's name without its extension",
    details: { name },
  })
}

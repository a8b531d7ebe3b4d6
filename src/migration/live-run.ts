import { assertFitsTransaction } from '../builder/assert-fits-transaction.ts'
import { captureTrace, sourceLine, takeRecorded } from '../builder/recorded.ts'
import type { RecordedOperation } from '../builder/recorded.ts'
import { hasUnknownType, resolveTypes } from '../builder/resolve-types.ts'
import { runRecorded } from '../builder/run-recorded.ts'
import type { SchemaBuilder } from '../builder/schema-builder.ts'
import { queryError, statementError } from '../builder/statement-error.ts'
import { StatementFailure } from '../database/database.ts'
import type { QueryResult, Session } from '../database/database.ts'
import { FaasPgError, StatementError } from '../errors.ts'
import { compile } from '../sql/compile.ts'
import { splitStatements } from '../sql/split-statements.ts'
import type { MigrationContext } from './define-migration.ts'
import { endsTransaction } from './ends-transaction.ts'
import { dropInvalidIndex, invalidIndexNote } from './invalid-index.ts'
import { MigrationDb } from './migration-db.ts'
import { isRaw } from './transaction-script.ts'

/** How the run of one migration begins and ends. */
export interface LiveRunOptions {
  readonly session: Session
  readonly migration: string
  /** Opens the transaction, or what stands for it. */
  readonly open: () => Promise<void>
  /** Ends it well. */
  readonly close: () => Promise<void>
  /** One statement at a time, without a transaction. */
  readonly isOutside: boolean
  /** What the run had done before, for the notes of a failure. */
  readonly note: string
}

/**
 * A migration that runs while its function does: one that reads or writes rows, that has to look up a
 * type, or that runs outside a transaction.
 */
export class LiveRun {
  readonly #options: LiveRunOptions
  #isOpen = false
  #hasWorkedOnRows = false
  #count = 0
  /** One thing at a time, also when the migration does not wait for it. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: LiveRunOptions) {
    this.#options = options
  }

  /** Whether anything has been sent. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** How many operations have run. */
  get count(): number {
    return this.#count
  }

  /** Whether its function has used `db`. */
  get hasWorkedOnRows(): boolean {
    return this.#hasWorkedOnRows
  }

  /** What has stayed of a run outside a transaction, for the notes of a failure. */
  kept(): string | undefined {
    if (!this.#options.isOutside || !this.#isOpen) return undefined
    return `it runs outside a transaction: what ran before has stayed (${this.#count} operations recorded by the builder), and the migration is not recorded`
  }

  /** What the migration's function gets besides its builder. */
  context(builder: SchemaBuilder): MigrationContext {
    return {
      db: new MigrationDb((sql, params) => {
        const trace = captureTrace()
        this.#hasWorkedOnRows = true
        // What was recorded up to this call comes before it, and what is recorded later after it.
        const before = takeRecorded(builder)
        return this.#next(async () => {
          await this.#run(before)
          return this.#query(sql, params, trace)
        })
      }),
    }
  }

  /** Runs what is left and ends the run. */
  async finish(rest: readonly RecordedOperation[]): Promise<void> {
    await this.#next(async () => {
      await this.#run(rest)
      const { session, migration, isOutside, note } = this.#options
      if (!isOutside && session.transactionStatus() === 'failed') {
        throw new StatementError('STATEMENT_FAILED', {
          what: `migration "${migration}" has caught the error of a statement`,
          why: 'PostgreSQL gives up a transaction at its first error',
          fix: 'look before you write, with db.exists for example, instead of catching the error',
          note: ['nothing was applied: the migration ran in one transaction', note]
            .filter(Boolean)
            .join('\n'),
          details: { migration },
        })
      }
      await this.#options.close()
    })
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work)
    this.#last = next.catch(() => undefined)
    return next
  }

  async #run(recorded: readonly RecordedOperation[]): Promise<void> {
    if (!this.#isOpen) {
      this.#isOpen = true
      await this.#options.open()
    }
    for (const { operation } of recorded) {
      if (isRaw(operation)) this.#assertInside(compile(operation))
    }
    if (this.#options.isOutside) return this.#runSingly(recorded)
    assertFitsTransaction(recorded, this.#options.migration)
    const context = { migration: this.#options.migration, note: this.#failureNote() }
    try {
      await runRecorded(this.#options.session, recorded, context)
    } catch (error) {
      if (!(error instanceof StatementFailure)) throw error
      throw statementError(error, recorded, context)
    }
    this.#count += recorded.length
    this.#assertStillInside()
  }

  /** Several statements in one message would be a transaction of their own. */
  async #runSingly(recorded: readonly RecordedOperation[]): Promise<void> {
    const { session, migration } = this.#options
    for (const { operation, trace } of recorded) {
      const resolved = hasUnknownType(operation)
        ? await resolveTypes(
            session,
            { operation, trace },
            { migration, note: this.#failureNote() },
          )
        : operation
      const sql = compile(resolved)
      await dropInvalidIndex(session, operation)
      for (const statement of isRaw(operation) ? splitStatements(sql) : [{ sql }]) {
        try {
          await session.run([statement.sql])
        } catch (error) {
          if (!(error instanceof StatementFailure)) throw error
          const note = [invalidIndexNote(operation), this.#failureNote()].filter(Boolean).join('\n')
          const context = { migration, note, sql: statement.sql }
          throw statementError(
            error.at(this.#count),
            at(this.#count, { operation, trace }),
            context,
          )
        }
      }
      this.#count += 1
    }
  }

  async #query<Result>(
    sql: string,
    params: readonly unknown[] | undefined,
    trace: Error,
  ): Promise<QueryResult<Result>> {
    this.#assertInside(sql)
    try {
      const result = await this.#options.session.query<Result>(sql, params)
      this.#assertStillInside()
      return result
    } catch (error) {
      if (error instanceof FaasPgError) throw error
      throw queryError(error, sql, sourceLine(trace), {
        migration: this.#options.migration,
        note: this.#failureNote(),
      })
    }
  }

  #failureNote(): string {
    const own = this.kept() ?? 'nothing was applied: the migration ran in one transaction'
    return [own, this.#options.note].filter(Boolean).join('\n')
  }

  #assertInside(sql: string): void {
    if (this.#options.isOutside || !endsTransaction(sql)) return
    throw this.#ended(sql)
  }

  #assertStillInside(): void {
    const { isOutside, session } = this.#options
    if (!isOutside && session.transactionStatus() === 'idle') throw this.#ended(undefined)
  }

  #ended(sql: string | undefined): StatementError {
    const { migration } = this.#options
    return new StatementError('TRANSACTION_ENDED', {
      what: `migration "${migration}" ended its own transaction`,
      sql,
      why: 'a migration and its row in the history are one transaction',
      fix: 'remove COMMIT and ROLLBACK, and split the migration where a commit is needed',
      details: { migration },
    })
  }
}

/** A list that has this operation at its place, for a report that counts from the beginning. */
function at(index: number, one: RecordedOperation): RecordedOperation[] {
  return Array.from({ length: index + 1 }, () => one)
}

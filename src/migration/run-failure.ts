import type { RecordedOperation } from '../builder/recorded.ts'
import { statementError } from '../builder/statement-error.ts'
import type { StatementFailure } from '../database/database.ts'
import { sqlStateOf } from '../database/engines/driver-error.ts'
import { ConfigError, HistoryError, LockError, StatementError } from '../errors.ts'
import { LOCK_LOST_STATE } from './lock.ts'
import type { ScriptStatement } from './transaction-script.ts'

export interface FailedRun {
  readonly migration: string
  readonly script: readonly ScriptStatement[]
  readonly recorded: readonly RecordedOperation[]
  /** What the run had done before. */
  readonly note: string
  /** What has stayed of a migration that runs outside a transaction. */
  readonly kept?: string | undefined
}

/** Says in the house's words why a migration's transaction failed. */
export function runFailure(failure: StatementFailure, run: FailedRun): Error {
  const sqlState = sqlStateOf(failure.cause)
  const part = run.script[failure.index]?.part
  // Not the server's answer, nor the engine's own: the connection was broken off at our end.
  const isRefused = failure.cause instanceof ConfigError && typeof part === 'number'
  if (sqlState === undefined && !isRefused)
    return runLost({ why: failure.message, cause: failure.cause }, run)
  if (sqlState === LOCK_LOST_STATE) return lockLost(failure, run)
  if (part === 'history' && sqlState === '23505') return alreadyApplied(run)
  if (typeof part !== 'number' && part !== 'commit') return bookkeepingFailed(failure, run)
  // What comes after the last operation is COMMIT.
  const index = part === 'commit' ? run.recorded.length : part
  return statementError(failure.at(index), run.recorded, {
    migration: run.migration,
    note: appliedNothing(run),
  })
}

/** What is known of a connection that broke. */
export interface LostConnection {
  readonly why: string | undefined
  readonly details?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/** The report of a connection that broke while a migration ran: COMMIT may have been under way. */
export function runLost(lost: LostConnection, run: FailedRun): StatementError {
  return new StatementError('CONNECTION_LOST', {
    what: `the connection was lost while migration "${run.migration}" ran`,
    why: lost.why,
    fix: 'npx faasjs-pg status — then run the command again',
    note: [
      run.kept ??
        'whether it was committed is unknown: if the history has it, all of it is applied, and if not, nothing',
      run.note,
    ]
      .filter(Boolean)
      .join('\n'),
    details: { ...lost.details, migration: run.migration },
    cause: lost.cause,
  })
}

function appliedNothing({ note, kept }: FailedRun): string {
  return [kept ?? 'nothing was applied: the migration ran in one transaction', note]
    .filter(Boolean)
    .join('\n')
}

function lockLost(failure: StatementFailure, run: FailedRun): LockError {
  return new LockError('LOCK_LOST', {
    what: `migration "${run.migration}" was not run: transaction pooling detected`,
    why: `${failure.message}: the URL leads to a pooler that changes the backend between transactions`,
    fix: 'use the direct URL of the server for migrations: DATABASE_URL=<direct URL> npx faasjs-pg migrate',
    note: appliedNothing(run),
    details: { migration: run.migration },
    cause: failure.cause,
  })
}

function alreadyApplied(run: FailedRun): HistoryError {
  return new HistoryError('ALREADY_APPLIED', {
    what: `migration "${run.migration}" was applied by somebody else meanwhile`,
    why: 'another program recorded it without taking the migration lock',
    fix: 'npx faasjs-pg status — then run the command again',
    note: appliedNothing(run),
    details: { migration: run.migration },
  })
}

function bookkeepingFailed(failure: StatementFailure, run: FailedRun): StatementError {
  const sqlState = sqlStateOf(failure.cause)
  return new StatementError('STATEMENT_FAILED', {
    what: `migration "${run.migration}" could not be started`,
    sql: run.script[failure.index]?.sql,
    why: `${failure.message} (SQLSTATE ${sqlState})`,
    fix:
      sqlState === '42501'
        ? 'GRANT SELECT, INSERT, DELETE ON the history table TO <this role>'
        : 'correct what the reason names, then run the command again',
    note: appliedNothing(run),
    details: { migration: run.migration, ...(sqlState !== undefined && { sqlState }) },
    cause: failure.cause,
  })
}

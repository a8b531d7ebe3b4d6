import type { RecordedOperation } from '../builder/recorded.ts'
import { hasUnknownType } from '../builder/resolve-types.ts'
import { StatementFailure } from '../database/database.ts'
import type { Session } from '../database/database.ts'
import { sqlStateOf } from '../database/engines/driver-error.ts'
import { FaasPgError, HistoryError, StatementError } from '../errors.ts'
import { literal } from '../sql/literal.ts'
import type { MigrationRun } from './events.ts'
import { deleteHistory, insertHistory } from './history.ts'
import { cancellable } from './interruption.ts'
import { LiveRun } from './live-run.ts'
import { loadMigration } from './load.ts'
import type { LoadedMigration } from './loaded-migration.ts'
import { recordDown, recordUp } from './record-operations.ts'
import { runFailure, runLost } from './run-failure.ts'
import type { MigrationFile } from './source.ts'
import { transactionScript } from './transaction-script.ts'
import type { ScriptStatement } from './transaction-script.ts'
import type { LockedSession } from './with-lock.ts'

/** Everything a migration needs to run. */
export interface RunContext extends LockedSession {
  readonly signal: AbortSignal | undefined
  /** What this run has done so far, for the notes of a failure. */
  readonly done: readonly MigrationRun[]
}

/** Applies one migration. Its statements and its row in the history are one transaction. */
export async function applyMigration(
  file: MigrationFile,
  context: RunContext,
): Promise<MigrationRun> {
  const start = performance.now()
  const { session, table, signal } = context
  const migration = await loadMigration(file)
  const history = insertHistory(table, file.name)
  const live = liveRun(file, migration, context, history, async () => {
    await session.query(history)
  })
  const recorded = await whileLive(file, live, context, () =>
    recordUp(file.name, migration, live, signal),
  )
  if (isLive(live, migration, recorded)) {
    await whileLive(file, live, context, () => live.finish(recorded))
    return finished(file, live.count, start, live.hasWorkedOnRows)
  }
  const script = scriptOf(file, migration, history, recorded, context)
  await send(file, script, recorded, context, () => session.run(script.map(sqlOf)))
  return finished(file, recorded.length, start)
}

/** Takes one migration back. Its row in the history goes in the same transaction. */
export async function revertMigration(
  file: MigrationFile,
  context: RunContext,
): Promise<MigrationRun> {
  const start = performance.now()
  const { session, table, signal } = context
  const loaded = await loadMigration(file)
  const migration = { ...loaded, isOutside: loaded.isDownOutside ?? loaded.isOutside }
  const remove = deleteHistory(table, file.name)
  const live = liveRun(file, migration, context, remove, async () => {
    if ((await session.query(remove)).rowCount !== 1) throw notRecorded(file)
  })
  const recorded = await whileLive(file, live, context, () =>
    recordDown(file.name, migration, live, signal),
  )
  if (isLive(live, migration, recorded)) {
    await whileLive(file, live, context, () => live.finish(recorded))
    return finished(file, live.count, start, live.hasWorkedOnRows)
  }
  const script = scriptOf(file, migration, remove, recorded, context)
  await send(file, script, recorded, context, async () => {
    const history = script.findIndex(({ part }) => part === 'history')
    await session.run(script.slice(0, history).map(sqlOf))
    if ((await removeRow(session, remove, history)) !== 1) throw notRecorded(file)
    await runFrom(session, script, history + 1)
  })
  return finished(file, recorded.length, start)
}

/** Whether the operations run one by one instead of all in one message. */
function isLive(
  live: LiveRun,
  { isOutside }: LoadedMigration,
  recorded: readonly RecordedOperation[],
): boolean {
  return live.isOpen || isOutside || recorded.some(({ operation }) => hasUnknownType(operation))
}

function liveRun(
  file: MigrationFile,
  { isOutside, lockTimeout }: LoadedMigration,
  context: RunContext,
  history: string,
  changeHistory: () => Promise<void>,
): LiveRun {
  const { session, reset, assertLock, done } = context
  const live: LiveRun = new LiveRun({
    session,
    migration: file.name,
    isOutside,
    note: doneNote(done),
    open: async () => {
      const start = [
        ...(isOutside ? [] : ['BEGIN']),
        ...reset,
        ...(lockTimeout === undefined ? [] : [setLockTimeout(lockTimeout, isOutside)]),
        ...(assertLock === undefined ? [] : [assertLock]),
      ]
      await phase('start', start, () => session.run(start))
      // Outside a transaction the history comes last: only what has run is recorded.
      if (!isOutside) await phase('history', [history], changeHistory)
    },
    close: async () => {
      if (isOutside) await phase('history', [history], changeHistory)
      else await phase('commit', ['COMMIT'], () => session.run(['COMMIT']))
    },
  })

  /** What is not a statement of the migration fails in its own words. */
  async function phase(
    part: ScriptStatement['part'],
    statements: readonly string[],
    work: () => Promise<void>,
  ): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (error instanceof FaasPgError) throw error
      const failure =
        error instanceof StatementFailure ? error : new StatementFailure(0, undefined, error)
      throw runFailure(failure, {
        migration: file.name,
        script: statements.map((sql) => ({ sql, part })),
        recorded: [],
        note: doneNote(done),
        kept: live.kept(),
      })
    }
  }
  return live
}

/** Cancels what a live run is doing when the run is aborted, and rolls back what it has open. */
async function whileLive<T>(
  file: MigrationFile,
  live: LiveRun,
  context: RunContext,
  work: () => Promise<T>,
): Promise<T> {
  const { session, signal, done } = context
  try {
    return await cancellable(session, signal, work)
  } catch (error) {
    if (live.isOpen) await session.query('ROLLBACK').catch(() => undefined)
    if (signal?.aborted && isCancellation(error, signal)) throw error
    if (error instanceof FaasPgError && error.code === 'FAASJS_PG_CONNECTION_LOST') {
      const run = { migration: file.name, script: [], recorded: [], note: doneNote(done) }
      throw runLost(error, { ...run, kept: live.kept() })
    }
    throw error
  }
}

function setLockTimeout(timeout: string, isOutside: boolean): string {
  return `SET ${isOutside ? '' : 'LOCAL '}lock_timeout = ${literal(timeout)}`
}

function scriptOf(
  file: MigrationFile,
  { lockTimeout }: LoadedMigration,
  history: string,
  recorded: readonly RecordedOperation[],
  { reset, assertLock }: RunContext,
): ScriptStatement[] {
  const start = [
    ...reset,
    ...(lockTimeout === undefined ? [] : [setLockTimeout(lockTimeout, false)]),
    ...(assertLock === undefined ? [] : [assertLock]),
  ]
  return transactionScript(file.name, start, history, recorded)
}

function sqlOf({ sql }: ScriptStatement): string {
  return sql
}

/** Runs the rest of a script; a failure is told with the index that it has in the whole. */
async function runFrom(
  session: Session,
  script: readonly ScriptStatement[],
  start: number,
): Promise<void> {
  try {
    await session.run(script.slice(start).map(sqlOf))
  } catch (error) {
    if (!(error instanceof StatementFailure)) throw error
    throw error.at(error.index + start)
  }
}

async function removeRow(session: Session, sql: string, index: number): Promise<number> {
  try {
    return (await session.query(sql)).rowCount
  } catch (error) {
    throw error instanceof FaasPgError ? error : new StatementFailure(index, undefined, error)
  }
}

async function send(
  file: MigrationFile,
  script: readonly ScriptStatement[],
  recorded: readonly RecordedOperation[],
  context: RunContext,
  work: () => Promise<void>,
): Promise<void> {
  const { session, signal } = context
  try {
    await cancellable(session, signal, work)
  } catch (error) {
    // Fails only where there is no connection any more, and then the server rolls back by itself.
    await session.query('ROLLBACK').catch(() => undefined)
    if (signal?.aborted && isCancellation(error, signal)) throw error
    const run = { migration: file.name, script, recorded, note: doneNote(context.done) }
    if (error instanceof FaasPgError && error.code === 'FAASJS_PG_CONNECTION_LOST') {
      throw runLost(error, run)
    }
    if (!(error instanceof StatementFailure)) throw error
    throw runFailure(error, run)
  }
}

/** Whether it is the abort that made work fail, and not something else at the same time. */
function isCancellation(error: unknown, signal: AbortSignal): boolean {
  if (error === signal.reason) return true
  if (error instanceof StatementError) return error.sqlState === '57014'
  return error instanceof StatementFailure && sqlStateOf(error.cause) === '57014'
}

/** `12 migrations before it stay applied (the last: "…")` */
export function doneNote(done: readonly MigrationRun[]): string {
  const last = done.at(-1)
  if (!last) return ''
  return done.length === 1
    ? `migration "${last.name}" before it stays applied`
    : `${done.length} migrations before it stay applied, the last of them "${last.name}"`
}

function notRecorded(file: MigrationFile): HistoryError {
  return new HistoryError('HISTORY_CHANGED', {
    what: `migration "${file.name}" is not in the history any more`,
    why: 'another program took it back without taking the migration lock',
    fix: 'npx faasjs-pg status',
    note: 'nothing was changed',
    details: { migration: file.name },
  })
}

function finished(
  file: MigrationFile,
  statements: number,
  start: number,
  isDynamic = false,
): MigrationRun {
  return {
    name: file.name,
    durationMs: performance.now() - start,
    statements,
    ...(isDynamic && { dynamic: true }),
  }
}

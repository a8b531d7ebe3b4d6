import { StatementFailure } from '../database/database.ts'
import type { Session } from '../database/database.ts'
import { FaasPgError } from '../errors.ts'
import type { MigrationEvent, MigrationRun } from './events.ts'
import { createHistory, readHistory } from './history.ts'
import { interrupted } from './interruption.ts'
import type { MigrationPlan, Planner } from './plan.ts'
import { applyMigration, doneNote, revertMigration } from './runner.ts'
import type { MigrationFile } from './source.ts'
import { withLock } from './with-lock.ts'

/** What a run does with each of its files. */
export type RunKind = 'applied' | 'reverted'

const STEPS = { applied: applyMigration, reverted: revertMigration } satisfies Record<
  RunKind,
  unknown
>

export interface RunRequest {
  readonly files: readonly MigrationFile[]
  readonly planner: Planner
  readonly kind: RunKind
  readonly historyTable: string
  /** In milliseconds. */
  readonly lockWait: number
  readonly onEvent: ((event: MigrationEvent) => void) | undefined
  readonly signal: AbortSignal | undefined
}

export interface RunOutcome {
  readonly plan: MigrationPlan
  readonly done: readonly MigrationRun[]
}

/** Plans under the lock, and does what was planned, one file after the other. */
export async function runPlan(session: Session, request: RunRequest): Promise<RunOutcome> {
  const { signal, onEvent } = request
  const done: MigrationRun[] = []
  const lockOptions = {
    wait: request.lockWait,
    signal,
    onWaiting: (holder) => onEvent?.({ kind: 'waiting', holder }),
  } satisfies Parameters<typeof withLock>[2]
  try {
    signal?.throwIfAborted()
    return await withLock(session, request.historyTable, lockOptions, async (locked) => {
      await createHistory(session, locked.table)
      // Read only now: what another run did while this one waited is not pending any more.
      const plan = request.planner(request.files, await readHistory(session, locked.table))
      for (const file of plan.steps) {
        signal?.throwIfAborted()
        const run = await STEPS[request.kind](file, { ...locked, signal, done })
        done.push(run)
        onEvent?.({ kind: request.kind, ...run })
      }
      return { plan, done }
    })
  } catch (error) {
    // What is reported in our own words went wrong by itself.
    if (!signal?.aborted || error instanceof FaasPgError) throw error
    const note = doneNote(done).replace(' before it', '') || 'nothing was applied'
    throw interrupted(signal, note, error instanceof StatementFailure ? error.cause : undefined)
  }
}

import type { Session } from '../../database/database.ts'
import { type DatabaseTarget, openDatabase } from '../../database/open.ts'
import { HISTORY_TABLE } from '../../migration/history.ts'
import { planMigrate } from '../../migration/plan.ts'
import { runPlan } from '../../migration/run-plan.ts'
import type { MigrationFile } from '../../migration/source.ts'
import { runSeeds } from '../seed/run-seeds.ts'

/** Applies those of the migrations that are not applied yet. */
export async function migrate(
  target: DatabaseTarget,
  files: readonly MigrationFile[],
): Promise<void> {
  if (files.length === 0) return
  await inSession(target, async (session) => {
    await runPlan(session, {
      files,
      planner: planMigrate,
      kind: 'applied',
      historyTable: HISTORY_TABLE,
      // Nobody else is there.
      lockWait: 0,
      onEvent: undefined,
      signal: undefined,
    })
  })
}

/** @param seeds - Absolute paths. */
export async function seed(target: DatabaseTarget, seeds: readonly string[]): Promise<void> {
  if (seeds.length === 0) return
  await inSession(target, (session) => runSeeds(session, seeds))
}

async function inSession(
  target: DatabaseTarget,
  work: (session: Session) => Promise<void>,
): Promise<void> {
  const database = await openDatabase(target)
  const session = await database.session()
  try {
    await work(session)
  } finally {
    await session.release()
    // Closes what was opened here; a client that was passed in stays open.
    if (typeof target === 'string') await database.close()
  }
}

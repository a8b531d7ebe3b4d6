import type { PGlite } from '@electric-sql/pglite'

import { openDatabase } from '../../database/open.ts'
import { HISTORY_TABLE } from '../../migration/history.ts'
import { planMigrate } from '../../migration/plan.ts'
import { runPlan } from '../../migration/run-plan.ts'
import type { MigrationFile } from '../../migration/source.ts'
import { FORGET_BASELINE } from '../baseline/baseline-schema.ts'
import { CAPTURE_BASELINE } from '../baseline/baseline-sql.ts'
import { closeIntoSnapshot, createPGlite, openPGlite } from '../pglite/open-pglite.ts'
import type { Snapshot } from '../pglite/snapshot.ts'
import { refuseUnsupported } from './refuse-unsupported.ts'

/** What is to be built, and from what. */
export interface BuildJob {
  /** All migrations. */
  readonly files: readonly MigrationFile[]
  /** A database in which the first of them have been applied; undefined to begin with `initdb`. */
  readonly base: Snapshot | undefined
  /** After how many migrations a snapshot is wanted, too: whoever changes the next one builds on it. */
  readonly step: number | undefined
}

export interface BuiltSnapshots {
  /** Migrated, its state recorded: what every test begins with. */
  readonly baseline: Snapshot
  /** An empty cluster; undefined when there was a base. */
  readonly cluster: Snapshot | undefined
  readonly step: Snapshot | undefined
}

/** Makes the database that every test begins with. */
export async function buildSnapshots({ files, base, step }: BuildJob): Promise<BuiltSnapshots> {
  const cluster = base ? undefined : await closeIntoSnapshot(await createPGlite())
  let start = base ?? cluster
  const first = step === undefined ? undefined : await grow(start, files.slice(0, step), false)
  start = first ?? start
  return { baseline: await grow(start, files, true), cluster, step: first }
}

async function grow(
  start: Snapshot | undefined,
  files: readonly MigrationFile[],
  isBaseline: boolean,
): Promise<Snapshot> {
  const pglite = start ? await openPGlite(start) : await createPGlite()
  try {
    refuseUnsupported(pglite)
    await pglite.exec(FORGET_BASELINE)
    await migrate(pglite, files)
    if (isBaseline) await pglite.exec(CAPTURE_BASELINE)
  } catch (error) {
    await pglite.close()
    throw error
  }
  return await closeIntoSnapshot(pglite)
}

async function migrate(pglite: PGlite, files: readonly MigrationFile[]): Promise<void> {
  if (files.length === 0) return
  const database = await openDatabase(pglite)
  const session = await database.session()
  try {
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
  } finally {
    await session.release()
  }
}

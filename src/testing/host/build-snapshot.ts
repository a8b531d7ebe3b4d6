import type { PGlite } from '@electric-sql/pglite'

import type { MigrationFile } from '../../migration/source.ts'
import { FORGET_BASELINE, QUIETLY } from '../baseline/baseline-schema.ts'
import { ARM_AT_START, CAPTURE_BASELINE, FRESH_SESSION } from '../baseline/baseline-sql.ts'
import { closeIntoSnapshot, createPGlite, openPGlite } from '../pglite/open-pglite.ts'
import type { Snapshot } from '../pglite/snapshot.ts'
import { migrate, seed } from './fill-database.ts'
import { refuseUnsupported } from './refuse-unsupported.ts'

/** What is to be built, and from what. */
export interface BuildJob {
  /** All migrations. */
  readonly files: readonly MigrationFile[]
  /** Absolute paths of what runs after them. */
  readonly seeds: readonly string[]
  /** A database in which the first of them have been applied; undefined to begin with `initdb`. */
  readonly base: Snapshot | undefined
  /** After how many migrations a snapshot is wanted, too: whoever changes what follows builds on it. */
  readonly steps: readonly number[]
}

export interface BuiltSnapshots {
  /** Migrated, its state recorded: what every test begins with. */
  readonly baseline: Snapshot
  /** An empty cluster; undefined when there was a base. */
  readonly cluster: Snapshot | undefined
  /** One for each of the steps. */
  readonly steps: readonly Snapshot[]
}

/** Makes the database that every test begins with. */
export async function buildSnapshots(job: BuildJob): Promise<BuiltSnapshots> {
  const cluster = job.base ? undefined : await closeIntoSnapshot(await createPGlite())
  let start = job.base ?? cluster
  const steps: Snapshot[] = []
  for (const step of job.steps) {
    start = await grow(start, async (pglite) => migrate(pglite, job.files.slice(0, step)))
    steps.push(start)
  }
  const baseline = await grow(start, async (pglite) => {
    await migrate(pglite, job.files)
    // What migrations have set in the session is not for those who come after them.
    if (job.seeds.length > 0) await pglite.exec(FRESH_SESSION)
    await seed(pglite, job.seeds)
    await pglite.exec(CAPTURE_BASELINE)
    await pglite.exec(ARM_AT_START)
  })
  return { baseline, cluster, steps }
}

async function grow(
  start: Snapshot | undefined,
  work: (pglite: PGlite) => Promise<void>,
): Promise<Snapshot> {
  const pglite = start ? await openPGlite(start) : await createPGlite()
  try {
    refuseUnsupported(pglite)
    await pglite.exec(`${QUIETLY};${FORGET_BASELINE}`)
    await work(pglite)
  } catch (error) {
    await pglite.close()
    throw error
  }
  return await closeIntoSnapshot(pglite)
}

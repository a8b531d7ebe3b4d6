import type { PGlite } from '@electric-sql/pglite'

import type { MigrationFile } from '../../migration/source.ts'
import { FORGET_BASELINE, QUIETLY } from '../baseline/baseline-schema.ts'
import { ARM_AT_START, CAPTURE_BASELINE, FRESH_SESSION } from '../baseline/baseline-sql.ts'
import type { EngineParts } from '../pglite/engine-parts.ts'
import { closeIntoSnapshot, createPGlite, openPGlite, packRunning } from '../pglite/open-pglite.ts'
import type { Snapshot } from '../pglite/snapshot.ts'
import { migrate, seed } from './fill-database.ts'
import { refuseUnsupported } from './refuse-unsupported.ts'

const HAS_UNLOGGED_OR_TEMPORARY = `SELECT WHERE pg_catalog.pg_my_temp_schema() <> 0
OR EXISTS (SELECT FROM pg_catalog.pg_class WHERE relpersistence = 'u')`
const NEW_SESSION = `${FRESH_SESSION};CLOSE ALL;DEALLOCATE ALL;UNLISTEN *;SELECT pg_advisory_unlock_all()`

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
  /** Compiled once: what this engine has run, the databases of tests run at once. */
  readonly parts: EngineParts
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
  const { parts, files, seeds } = job
  const start = job.base ?? (await closeIntoSnapshot(await createPGlite(parts)))
  const cluster = job.base ? undefined : start
  let pglite = await open(start, parts)
  try {
    const steps: Snapshot[] = []
    for (const step of job.steps) {
      await migrate(pglite, files.slice(0, step))
      const packed = await packBetween(pglite)
      const snapshot = packed ?? (await closeIntoSnapshot(pglite))
      if (!packed) pglite = await open(snapshot, parts)
      steps.push(snapshot)
    }
    await migrate(pglite, files)
    // What migrations have set in the session is not for those who come after them.
    if (seeds.length > 0) await pglite.exec(FRESH_SESSION)
    await seed(pglite, seeds)
    await pglite.exec(CAPTURE_BASELINE)
    await pglite.exec(ARM_AT_START)
    return { baseline: await closeIntoSnapshot(pglite), cluster, steps }
  } catch (error) {
    if (!pglite.closed) await pglite.close()
    throw error
  }
}

async function open(start: Snapshot, parts: EngineParts): Promise<PGlite> {
  const pglite = await openPGlite(start, { parts })
  refuseUnsupported(pglite)
  await pglite.exec(`${QUIETLY};${FORGET_BASELINE}`)
  return pglite
}

/**
 * Packs the database without stopping the engine, and leaves its session as new, as it would be in one that was
 * started from what was packed.
 *
 * @returns undefined where there is something that such a start would empty or not remove.
 */
async function packBetween(pglite: PGlite): Promise<Snapshot | undefined> {
  const [found] = await pglite.exec(HAS_UNLOGGED_OR_TEMPORARY)
  if (found?.rows.length) return undefined
  await pglite.exec(NEW_SESSION)
  await pglite.exec('CHECKPOINT')
  return packRunning(pglite)
}

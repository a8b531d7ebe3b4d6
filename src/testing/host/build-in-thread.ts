import { sharedEngineParts } from '../pglite/engine-parts.ts'
import type { BuildJob, BuiltSnapshots } from './build-snapshot.ts'
import { runInThread } from './run-in-thread.ts'

/**
 * Builds snapshots in a thread that ends afterwards.
 *
 * @throws the error of a migration; {@link TestDatabaseError} `SNAPSHOT_FAILED` when the thread ended.
 */
export async function buildInThread(job: Omit<BuildJob, 'parts'>): Promise<BuiltSnapshots> {
  const whole: BuildJob = { ...job, parts: await sharedEngineParts() }
  return await runInThread(new URL('./builder-thread.js', import.meta.url), whole)
}

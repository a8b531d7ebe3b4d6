import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

import { TestDatabaseError } from '../../errors.ts'
import type { BuildJob, BuiltSnapshots } from './build-snapshot.ts'
import type { BuildResult } from './builder-thread.ts'
import { fromPlainError } from './plain-error.ts'

/**
 * Builds snapshots in a thread that ends afterwards.
 *
 * @throws the error of a migration; {@link TestDatabaseError} `SNAPSHOT_FAILED` when the thread ended.
 */
export async function buildInThread(job: BuildJob): Promise<BuiltSnapshots> {
  const thread = new Worker(new URL('./builder-thread.js', import.meta.url), { workerData: job })
  try {
    const [result] = (await Promise.race([once(thread, 'message'), rejectAtExit(thread)])) as [
      BuildResult,
    ]
    if ('error' in result) throw fromPlainError(result.error)
    return result.built
  } finally {
    await thread.terminate()
  }
}

async function rejectAtExit(thread: Worker): Promise<never> {
  const [code] = (await once(thread, 'exit')) as [number]
  throw new TestDatabaseError('SNAPSHOT_FAILED', {
    what: 'the test database was not built: its thread ended early',
    why: `a migration, or a module it imports, called process.exit(${code})`,
    fix: 'let the migration throw an error instead',
  })
}

import type { Vitest } from 'vitest/node'

import { FailedDatabases } from '../testing/failed/failed-databases.ts'
import { failedFolder } from '../testing/failed/kept-database.ts'

// Each takes some 30 MB on disk.
const KEPT = 5

// One of a run, as all projects share the numbers.
const ofRun = new WeakMap<Vitest, FailedDatabases>()

/** Keeps the databases of failed tests, where that is wanted. */
export function failedDatabases(
  vitest: Vitest,
  keep: 'failed' | 'never' | number = isCi() ? 'never' : 'failed',
): FailedDatabases | undefined {
  const limit = keep === 'failed' ? KEPT : keep === 'never' ? 0 : keep
  if (limit <= 0) return undefined
  const known = ofRun.get(vitest)
  if (known) return known
  const failed = new FailedDatabases(failedFolder(), limit)
  vitest.onTestsRerun(() => failed.beginRun())
  ofRun.set(vitest, failed)
  return failed
}

/** As CI services say it. */
function isCi(): boolean {
  return !['', '0', 'false'].includes(process.env['CI'] ?? '')
}

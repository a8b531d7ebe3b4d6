// The thread in which migrations run: it ends with them, and takes their modules, whatever they left
// running, and the memory of `initdb` along. A changed migration is loaded anew by the next one.
import { parentPort, workerData } from 'node:worker_threads'

import { type BuildJob, buildSnapshots, type BuiltSnapshots } from './build-snapshot.ts'
import { toPlainError } from './plain-error.ts'
import type { ThreadResult } from './run-in-thread.ts'

let result: ThreadResult<BuiltSnapshots>
try {
  result = { value: await buildSnapshots(workerData as BuildJob) }
} catch (error) {
  result = { error: toPlainError(error) }
}
parentPort?.postMessage(result)

// The thread in which migrations run: it ends with them, and takes their modules, whatever they left
// running, and the memory of `initdb` along. A changed migration is loaded anew by the next one.
import { parentPort, workerData } from 'node:worker_threads'

import { type BuildJob, buildSnapshots, type BuiltSnapshots } from './build-snapshot.ts'
import { type PlainError, toPlainError } from './plain-error.ts'

/** What this thread says when it is done. */
export type BuildResult = { readonly built: BuiltSnapshots } | { readonly error: PlainError }

let result: BuildResult
try {
  result = { built: await buildSnapshots(workerData as BuildJob) }
} catch (error) {
  result = { error: toPlainError(error) }
}
parentPort?.postMessage(result)

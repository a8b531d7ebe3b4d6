// The thread in which migrations run: it ends with them, and takes their modules, whatever they left
// running, and the memory of `initdb` along. A changed migration is loaded anew by the next one.
import { once } from 'node:events'
import { parentPort } from 'node:worker_threads'

import { type BuildJob, buildSnapshots, type BuiltSnapshots } from './build-snapshot.ts'
import { toPlainError } from './plain-error.ts'
import type { ThreadResult } from './run-in-thread.ts'

if (!parentPort) throw new Error('this module is the entry of a worker thread')
const [job] = (await once(parentPort, 'message')) as [BuildJob]
let result: ThreadResult<BuiltSnapshots>
try {
  result = { value: await buildSnapshots(job) }
} catch (error) {
  result = { error: toPlainError(error) }
}
parentPort.postMessage(result)

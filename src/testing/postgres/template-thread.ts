// The thread in which migrations for a server run: it ends with them, and takes their modules and whatever
// they left running along. A changed migration is loaded anew by the next one.
import { parentPort, workerData } from 'node:worker_threads'

import { toPlainError } from '../host/plain-error.ts'
import type { ThreadResult } from '../host/run-in-thread.ts'
import { buildTemplate, type TemplateJob } from './build-template.ts'

let result: ThreadResult<undefined>
try {
  await buildTemplate(workerData as TemplateJob)
  result = { value: undefined }
} catch (error) {
  result = { error: toPlainError(error) }
}
parentPort?.postMessage(result)

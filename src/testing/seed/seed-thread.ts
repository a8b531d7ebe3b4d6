// The thread in which seeds of a test file run: modules are loaded anew in it, and end with it.
import { parentPort, workerData } from 'node:worker_threads'

import { seed } from '../host/fill-database.ts'
import { toPlainError } from '../host/plain-error.ts'
import type { ThreadResult } from '../host/run-in-thread.ts'

const { url, paths } = workerData as { readonly url: string; readonly paths: readonly string[] }

let result: ThreadResult<undefined>
try {
  await seed(url, paths)
  result = { value: undefined }
} catch (error) {
  result = { error: toPlainError(error) }
}
parentPort?.postMessage(result)

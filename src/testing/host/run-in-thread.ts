import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

import { TestDatabaseError } from '../../errors.ts'
import { fromPlainError, type PlainError } from './plain-error.ts'

/** What a thread says when it is done. */
export type ThreadResult<T> = { readonly value: T } | { readonly error: PlainError }

/**
 * Runs migrations in a thread that ends with them.
 *
 * @param entry - Its module, which posts one {@link ThreadResult}.
 * @throws the error of a migration; {@link TestDatabaseError} `SNAPSHOT_FAILED` when the thread ended.
 */
export async function runInThread<T>(entry: URL, job: unknown): Promise<T> {
  const thread = new Worker(entry, { workerData: job })
  try {
    return await resultOf<T>(thread)
  } finally {
    await thread.terminate()
  }
}

/**
 * What a thread says when it is done.
 *
 * @throws the error of a migration; {@link TestDatabaseError} `SNAPSHOT_FAILED` when the thread ended.
 */
export async function resultOf<T>(thread: Worker): Promise<T> {
  const [result] = (await Promise.race([once(thread, 'message'), rejectAtExit(thread)])) as [
    ThreadResult<T>,
  ]
  if ('error' in result) throw fromPlainError(result.error)
  return result.value
}

async function rejectAtExit(thread: Worker): Promise<never> {
  const [code] = (await once(thread, 'exit')) as [number]
  throw new TestDatabaseError('SNAPSHOT_FAILED', {
    what: 'the test database was not built: its thread ended early',
    why: `a migration, or a module it imports, called process.exit(${code})`,
    fix: 'let the migration throw an error instead',
  })
}

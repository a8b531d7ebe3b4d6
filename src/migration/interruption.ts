import type { Session } from '../database/database.ts'
import { StatementError } from '../errors.ts'

/** The report of a run that was told to stop. */
export function interrupted(signal: AbortSignal, note: string, cause?: unknown): StatementError {
  const { reason } = signal as { reason: unknown }
  const by = typeof reason === 'string' ? ` by ${reason}` : ''
  return new StatementError('INTERRUPTED', {
    what: `interrupted${by}`,
    fix: 'run the same command again: it goes on where this run stopped',
    note,
    details: { ...(typeof reason === 'string' && { reason }) },
    ...(cause !== undefined && { cause }),
  })
}

/** Waits for work of the session; when the signal is aborted, its running statement is cancelled. */
export async function cancellable<T>(
  session: Session,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (!signal) return work()
  signal.throwIfAborted()
  let cancelling: Promise<void> | undefined
  const cancel = (): void => {
    cancelling = session.cancel()
  }
  signal.addEventListener('abort', cancel, { once: true })
  try {
    return await work()
  } finally {
    signal.removeEventListener('abort', cancel)
    // A request to cancel that is still under way would hit whatever is sent next.
    await cancelling
  }
}

/** Waits for a promise that nobody can stop; gives up waiting when the signal is aborted. */
export async function abandonable<T>(
  signal: AbortSignal | undefined,
  promise: Promise<T>,
): Promise<T> {
  if (!signal) return promise
  signal.throwIfAborted()
  const { promise: aborted, stop } = abortion(signal)
  try {
    return await Promise.race([promise, aborted])
  } finally {
    stop()
  }
}

function abortion(signal: AbortSignal): { promise: Promise<never>; stop: () => void } {
  const listening = new AbortController()
  const promise = new Promise<never>((_, reject) => {
    const fail = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', fail, { once: true, signal: listening.signal })
  })
  return { promise, stop: () => listening.abort() }
}

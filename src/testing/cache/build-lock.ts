import { setTimeout as sleep } from 'node:timers/promises'

import { LockFile } from '../../database/engines/lock-file.ts'
import {
  type ProcessIdentity,
  processState,
  thisProcess,
} from '../../database/engines/process-identity.ts'

interface Holder extends ProcessIdentity {
  /** Milliseconds since 1970. */
  readonly since: number
}

const POLL = 50
// Of a process on another machine nobody knows whether it runs: no build takes longer.
const LONGEST_BUILD = 5 * 60 * 1000

class LockedError extends Error {}

/**
 * Runs work while no other process does the same, told by a file. The lock of a process that was killed is
 * taken over.
 *
 * @param isDone asked while somebody else works; true ends the waiting without the lock.
 */
export async function withBuildLock<T>(
  path: string,
  isDone: () => Promise<boolean>,
  work: () => Promise<T>,
): Promise<T> {
  const lock = new LockFile(path)
  const locked = await acquire(lock, isDone)
  try {
    return await work()
  } finally {
    if (locked) lock.release()
  }
}

/** Removes the lock of a process that is gone, and no other. */
export async function removeAbandonedLock(path: string): Promise<void> {
  const lock = new LockFile(path)
  if (await acquire(lock, async () => true)) lock.release()
}

async function acquire(lock: LockFile, isDone: () => Promise<boolean>): Promise<boolean> {
  const own = JSON.stringify({ ...thisProcess(), since: Date.now() } satisfies Holder)
  for (;;) {
    try {
      await lock.acquire((before) => {
        if (before !== undefined && !isAbandoned(before)) throw new LockedError()
        return own
      })
      return true
    } catch (error) {
      // Where no lock can be written, work is done twice.
      if (!(error instanceof LockedError)) return false
    }
    if (await isDone()) return false
    await sleep(POLL)
  }
}

function isAbandoned(text: string): boolean {
  try {
    const holder = JSON.parse(text) as Holder
    const state = processState(holder)
    return state === 'gone' || (state === 'unknown' && Date.now() - holder.since > LONGEST_BUILD)
  } catch {
    // Nobody writes half a text: it is somebody else's file.
    return true
  }
}

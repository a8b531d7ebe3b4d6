import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

import { isAlive } from '../../database/engines/process-identity.ts'

interface Holder {
  readonly pid: number
  readonly host: string
}

const POLL = 50
// Without a process to ask after: no build takes longer.
const LONGEST_BUILD = 5 * 60 * 1000

/**
 * Runs work while no other process does the same, told by a file.
 *
 * Only saves doing things twice: snapshots are written atomically, so that nothing breaks when two
 * processes take over the lock of a third that was killed.
 *
 * @param isDone asked while somebody else works; true ends the waiting without the lock.
 */
export async function withBuildLock<T>(
  path: string,
  isDone: () => Promise<boolean>,
  work: () => Promise<T>,
): Promise<T> {
  const locked = await acquire(path, isDone)
  try {
    return await work()
  } finally {
    if (locked) await rm(path, { force: true }).catch(() => {})
  }
}

async function acquire(path: string, isDone: () => Promise<boolean>): Promise<boolean> {
  const own: Holder = { pid: process.pid, host: hostname() }
  for (;;) {
    try {
      await writeFile(path, JSON.stringify(own), { flag: 'wx' })
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false
    }
    if (await isAbandoned(path)) await rm(path, { force: true }).catch(() => {})
    else if (await isDone()) return false
    else await sleep(POLL)
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  try {
    const age = Date.now() - (await stat(path)).mtimeMs
    if (age > LONGEST_BUILD) return true
    const { pid, host } = JSON.parse(await readFile(path, 'utf8')) as Holder
    return host === hostname() && !isAlive(pid)
  } catch {
    // Gone, or not written yet: the next look tells.
    return false
  }
}

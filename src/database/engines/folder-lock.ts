import { ConfigError } from '../../errors.ts'
import { LockFile } from './lock-file.ts'
import { processState, thisProcess } from './process-identity.ts'
import type { ProcessIdentity } from './process-identity.ts'

/** What the lock file says. */
interface Holder extends ProcessIdentity {
  /** It is filling the folder for the first time: what is in there may be half a database. */
  readonly isFilling: boolean
}

/** A folder that is ours. */
export interface FolderLock {
  /** Who had it before died while filling it: what is in there is of no use. */
  readonly isUnfinished: boolean
  /** Says that the empty folder is going to be filled. */
  fill(): void
  /** Says that the database in the folder is complete. */
  complete(): void
  /** Gives the folder back. Safe to call twice. */
  release(): void
}

/**
 * Locks a folder by a file next to it, `<folder>.lock`, because PGlite does not: of two processes that
 * write to one folder, one loses its rows without a word.
 *
 * The lock of a process that is gone is taken over; that of a living one never is.
 *
 * @throws {ConfigError} `DATA_DIRECTORY_IN_USE`, naming the process that has it.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const file = new LockFile(`${folder}.lock`)
  let isUnfinished = false
  await file.acquire((before) => {
    const holder = before === undefined ? undefined : parseHolder(before)
    if (holder && processState(holder) !== 'gone') throw inUse(folder, file.path, holder)
    isUnfinished = holder?.isFilling === true
    return lockText(isUnfinished)
  })
  const release = (): void => {
    process.removeListener('exit', release)
    file.release()
  }
  process.once('exit', release)
  return {
    isUnfinished,
    fill: () => file.replace(lockText(true)),
    complete: () => file.replace(lockText(false)),
    release,
  }
}

function lockText(isFilling: boolean): string {
  return JSON.stringify({ ...thisProcess(), isFilling })
}

function inUse(folder: string, file: string, holder: Holder): ConfigError {
  const { pid, host } = holder
  const isElsewhere = processState(holder) === 'unknown'
  const isMine = !isElsewhere && pid === process.pid
  const who = isElsewhere ? `process ${pid} on "${host}"` : `process ${pid}`
  return new ConfigError('DATA_DIRECTORY_IN_USE', {
    what: isMine ? `this process has "${folder}" open already` : `"${folder}" is open in ${who}`,
    why: 'PGlite serves one process at a time: rows written by a second one would be lost',
    fix: isMine
      ? 'open it once and share what openDatabase() returned, or close() it first'
      : isElsewhere
        ? `stop it, or if that machine or container is gone: rm "${file}"`
        : `stop process ${pid}, or use a folder of your own: DATABASE_URL=pglite:./.data/other`,
    details: { folder, lockFile: file, pid, host },
  })
}

/** Undefined for a file that its writer did not finish. */
function parseHolder(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Partial<Holder> | null
    return typeof holder?.pid === 'number' && typeof holder.host === 'string'
      ? { ...holder, pid: holder.pid, host: holder.host, isFilling: holder.isFilling === true }
      : undefined
  } catch {
    return undefined
  }
}

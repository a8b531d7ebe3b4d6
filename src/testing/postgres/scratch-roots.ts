import { accessSync, constants, statfsSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { socketPath } from '../server/address.ts'
import { MAX_PATH_BYTES } from '../server/socket-folder.ts'
import type { ServerUser } from './server-user.ts'

/** What the name of a server's folder begins with; six characters follow. */
export const PREFIX = 'faasjs-pg-server-'

const MEMORY = '/dev/shm'
/** Bytes. Below that a test that writes much could fill it. */
const ENOUGH = 2 ** 30
/** What a system without a usable TMPDIR has. */
const LAST_RESORT = '/tmp'

type Roots = readonly [string, ...string[]]

/**
 * Where a server may keep its data and its socket, the best place first: in memory where there is plenty of it,
 * else on disk.
 *
 * @param user - Whom the server runs as, if not as we do.
 */
export function scratchRoots(
  user: ServerUser | undefined,
  { memory = MEMORY, temporary = tmpdir() }: { memory?: string; temporary?: string } = {},
): Roots {
  const disk = diskRoots(user, temporary)
  return process.platform === 'linux' && hasRoom(memory) ? [memory, ...disk] : disk
}

/** The temp folder; `/tmp` where a server cannot use that. */
export function diskRoots(user: ServerUser | undefined, temporary: string = tmpdir()): Roots {
  if (process.platform === 'win32') return [temporary]
  const [first, ...others] = [temporary, LAST_RESORT].filter(
    (root) => isShort(root) && (user === undefined || isReachableByAll(root)),
  )
  // The server says what is wrong with it.
  return first === undefined ? [temporary] : [first, ...others]
}

/** Every folder up to the root is there, and may be entered by everybody. */
export function isReachableByAll(path: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    const stat = statSync(folder, { throwIfNoEntry: false })
    if (!stat || (stat.mode & 0o001) === 0) return false
    if (folder === dirname(folder)) return true
  }
}

function hasRoom(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize > ENOUGH
  } catch {
    return false
  }
}

/** A socket in a folder of it has a path that is not too long for one. */
function isShort(root: string): boolean {
  const path = socketPath({ host: join(root, `${PREFIX}XXXXXX`), port: 65_535 })
  return Buffer.byteLength(path) <= MAX_PATH_BYTES
}

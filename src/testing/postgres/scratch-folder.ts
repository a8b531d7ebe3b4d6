import { accessSync, constants, statfsSync } from 'node:fs'
import { chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { x } from 'tinyexec'

import {
  isAlive,
  type ProcessIdentity,
  processState,
  thisProcess,
} from '../../database/engines/process-identity.ts'
import type { ServerUser } from './server-user.ts'

// Short: the path of a socket in it may have 103 bytes.
const PREFIX = 'faasjs-pg-server-'
const OWNER = 'owner.json'
const MEMORY = '/dev/shm'
/** Bytes. Below that a test that writes much could fill it. */
const ENOUGH = 2 ** 30
/** Milliseconds after which a folder that nobody has signed is nobody's. */
const UNSIGNED = 60 * 60 * 1000
/** Milliseconds that a server may take to end. */
const LONGEST_END = 10_000

/** Where a server keeps its data: in memory where there is plenty of it, else in the temp folder. */
export function scratchRoot(): string {
  if (process.platform !== 'linux') return tmpdir()
  try {
    accessSync(MEMORY, constants.W_OK)
    const { bavail, bsize } = statfsSync(MEMORY)
    return bavail * bsize > ENOUGH ? MEMORY : tmpdir()
  } catch {
    return tmpdir()
  }
}

/**
 * Makes a folder for a server, which only its user can enter. Those of processes that are gone are removed,
 * and what still runs in them is ended: that is what remains when a server's keeper was killed as well.
 *
 * @param again - The folder of a server that has ended, which is to be made anew.
 */
export async function createScratchFolder(
  user: ServerUser | undefined,
  again?: string,
): Promise<string> {
  await removeAbandonedFolders()
  // Made with mode 0700.
  const folder = again ?? (await mkdtemp(join(scratchRoot(), PREFIX)))
  if (again !== undefined) {
    await rm(again, { recursive: true, force: true })
    await mkdir(again, { mode: 0o700 })
  }
  await writeFile(join(folder, OWNER), JSON.stringify(thisProcess()))
  if (user) await chown(folder, user.uid, user.gid)
  return folder
}

/** Removes the folders of processes that are gone, and returns them. */
export async function removeAbandonedFolders(): Promise<readonly string[]> {
  const removed: string[] = []
  for (const place of new Set([scratchRoot(), tmpdir()])) {
    removed.push(...(await removeAbandoned(place)))
  }
  return removed
}

async function removeAbandoned(root: string): Promise<string[]> {
  const removed: string[] = []
  const names = await readdir(root).catch(() => [])
  for (const name of names) {
    if (!name.startsWith(PREFIX)) continue
    const folder = join(root, name)
    // Somebody else's, or gone by now.
    if (!(await isAbandoned(folder).catch(() => false))) continue
    await reclaim(folder).then(
      () => removed.push(folder),
      () => {},
    )
  }
  return removed
}

async function isAbandoned(folder: string): Promise<boolean> {
  const signature = await readFile(join(folder, OWNER), 'utf8').catch(() => undefined)
  if (signature === undefined) return Date.now() - (await stat(folder)).mtimeMs > UNSIGNED
  return processState(JSON.parse(signature) as ProcessIdentity) === 'gone'
}

/** Ends what still runs in a folder, and removes it with the memory that a killed server left. */
async function reclaim(folder: string): Promise<void> {
  const pidFile = await readFile(join(folder, 'data', 'postmaster.pid'), 'utf8').catch(() => '')
  const [pid = '', , , port = '', , , memory = ''] = pidFile.split('\n')
  if (Number(pid) > 0 && isAlive(Number(pid))) {
    // A process id may be another program's by now; who answers at the socket is the server.
    if (await answers(join(folder, `.s.PGSQL.${port.trim()}`))) process.kill(Number(pid), 'SIGQUIT')
    const deadline = Date.now() + LONGEST_END
    while (isAlive(Number(pid)) && (await stat(folder).catch(() => false))) {
      if (Date.now() > deadline) break
      await sleep(10)
    }
  }
  const segment = memory.trim().split(/\s+/).at(-1)
  if (segment) await x('ipcrm', ['-m', segment]).then(undefined, () => {})
  await rm(folder, { recursive: true, force: true })
}

async function answers(socketPath: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(socketPath)
    const finish = (answer: boolean) => (): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', finish(true))
    socket.once('error', finish(false))
  })
}

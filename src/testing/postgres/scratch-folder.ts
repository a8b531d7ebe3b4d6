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
import { PREFIX, scratchRoots } from './scratch-roots.ts'
import type { ServerUser } from './server-user.ts'

const OWNER = 'owner.json'
/** Milliseconds after which a folder that nobody has signed is nobody's. */
const UNSIGNED = 60 * 60 * 1000
/** Milliseconds that a server may take to end. */
const LONGEST_END = 10_000

/**
 * Makes a folder for a server, which only its user can enter, in the first place that takes what goes into it.
 * Folders of processes that are gone are removed, and what still runs in them is ended: that is what remains when a
 * server's keeper was killed as well.
 *
 * @param fill - Puts something into the folder.
 * @param roots - Where it may be, the best place first.
 */
export async function createScratchFolder(
  user: ServerUser | undefined,
  fill: (folder: string) => Promise<void>,
  roots: readonly string[] = scratchRoots(user),
): Promise<string> {
  await removeAbandonedFolders()
  let failure: unknown
  for (const root of roots) {
    let folder: string | undefined
    try {
      // Made with mode 0700.
      folder = await mkdtemp(join(root, PREFIX))
      await sign(folder, user)
      await fill(folder)
      return folder
    } catch (error) {
      // Full by now, or not for us.
      failure ??= error
      if (folder !== undefined) await rm(folder, { recursive: true, force: true })
    }
  }
  throw failure
}

/** Makes the folder of a server that has ended anew. */
export async function renewScratchFolder(
  folder: string,
  user: ServerUser | undefined,
  fill: (folder: string) => Promise<void>,
): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { mode: 0o700 })
  await sign(folder, user)
  await fill(folder)
}

async function sign(folder: string, user: ServerUser | undefined): Promise<void> {
  await writeFile(join(folder, OWNER), JSON.stringify(thisProcess()))
  if (user) await chown(folder, user.uid, user.gid)
}

/** Removes the folders of processes that are gone, and returns them. */
export async function removeAbandonedFolders(): Promise<readonly string[]> {
  const removed: string[] = []
  for (const root of new Set([...scratchRoots(undefined), tmpdir()])) {
    removed.push(...(await removeAbandoned(root)))
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

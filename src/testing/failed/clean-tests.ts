import { readdir, rm, rmdir } from 'node:fs/promises'
import { join, relative } from 'node:path'

import { processState } from '../../database/engines/process-identity.ts'
import { removeAbandonedLock } from '../cache/build-lock.ts'
import { cacheFolders } from '../cache/cache-folders.ts'
import { cleanServer } from '../postgres/clean-server.ts'
import { removeAbandonedFolders } from '../postgres/scratch-folder.ts'
import { discardKept } from './discard-kept.ts'
import { failedFolder, listKept } from './kept-database.ts'

/** For people, one line each. */
export interface Cleaned {
  readonly removed: readonly string[]
  /** What is in use, or cannot be removed, with the reason. */
  readonly left: readonly string[]
}

/**
 * Removes what tests have left: databases of failed ones, snapshots of migrations, and what killed runs could not
 * remove themselves. What a run that goes on has stays.
 *
 * @param root - The project.
 * @param url - A server on which tests have run; those of kept databases are looked at anyway.
 */
export async function cleanTests(root: string, url?: string): Promise<Cleaned> {
  const removed: string[] = []
  const left: string[] = []
  const urls = new Set(url === undefined ? [] : [url])
  const folder = failedFolder(root)
  for (const [number, kept] of await listKept(folder)) {
    const what = `database ${number} of "${kept.name}"`
    if (processState(kept.run) === 'running') {
      left.push(`${what}: its run goes on`)
      continue
    }
    if (kept.place.kind === 'url') urls.add(kept.place.url)
    const isDropped = await discardKept(folder, number)
    removed.push(what)
    if (!isDropped)
      left.push(`${what} on its server, which cannot be reached; it goes in two weeks`)
  }
  await removeIfEmpty(folder)
  for (const path of await cleanCache(root, left)) removed.push(`snapshot ${path}`)
  for (const path of await removeAbandonedFolders()) {
    removed.push(`what a killed server left in ${path}`)
  }
  for (const server of urls) {
    for (const name of await cleanServer(server, left))
      removed.push(`database ${name} on the server`)
  }
  return { removed, left }
}

async function removeIfEmpty(folder: string): Promise<void> {
  const [first] = await readdir(folder).catch(() => ['?'])
  if (first !== undefined) return
  const parent = join(folder, '..')
  await rm(folder, { recursive: true, force: true })
  await rm(join(parent, '.gitignore'), { force: true })
  // Unless somebody has put something there.
  await rmdir(parent).catch(() => {})
}

/** The project's own folder: that of the machine is for every project. */
async function cleanCache(root: string, left: string[]): Promise<string[]> {
  const { project, machine } = cacheFolders(root)
  const [folder = ''] = project
  if (machine[0] === folder) return []
  const locks = (await namesIn(folder)).filter((name) => name.endsWith('.lock'))
  for (const lock of locks) await removeAbandonedLock(join(folder, lock))
  const names = await namesIn(folder)
  if (names.some((name) => name.endsWith('.lock'))) {
    left.push(`snapshots in ${relative(root, folder)}: a run is building one`)
    return []
  }
  const ours = names.filter((name) => /\.(?:snapshot|cluster)(?:\..*\.tmp)?$/.test(name))
  for (const name of ours) await rm(join(folder, name), { recursive: true, force: true })
  return ours.map((name) => relative(root, join(folder, name)))
}

async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => [])
}

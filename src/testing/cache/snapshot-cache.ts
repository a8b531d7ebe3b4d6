import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises'
import { basename, join } from 'node:path'

import type { Snapshot } from '../pglite/snapshot.ts'
import { removeAbandonedLock } from './build-lock.ts'
import { type CacheFolders, writableFolder } from './cache-folders.ts'
import { isAbandonedPart, readSnapshotFile, writeSnapshotFile } from './snapshot-file.ts'

/** Whose snapshot it is: of one checkout's migrations, or of every project on this machine. */
export type CacheScope = keyof CacheFolders

const SUFFIX = '.snapshot'
// 15 to 20 MB each. In use are two per set of migrations: what tests begin with and the step before.
const KEPT = 6
// Of seeds that took long.
const KEPT_LAYERS = 6
/** What the keys of snapshots with seeds of test files begin with. */
export const LAYER_PREFIX = 'seed-'
const LOCK_SUFFIX = '.lock'

/** Snapshots on disk, by key. What cannot be written is not kept, and nothing fails for it. */
export class SnapshotCache {
  readonly #folders: CacheFolders
  readonly #onUnwritable: (folders: readonly string[]) => void

  /** @param onUnwritable Told when a snapshot finds no folder that can be written. */
  constructor(folders: CacheFolders, onUnwritable: (folders: readonly string[]) => void) {
    this.#folders = folders
    this.#onUnwritable = onUnwritable
  }

  /** Finds a snapshot in any of the folders; it counts as used now. */
  async get(key: string, scope: CacheScope = 'project'): Promise<Snapshot | undefined> {
    for (const folder of this.#folders[scope]) {
      const path = join(folder, key + SUFFIX)
      const snapshot = await readSnapshotFile(path)
      if (!snapshot) continue
      const now = new Date()
      await utimes(path, now, now).catch(() => {})
      return snapshot
    }
    return undefined
  }

  /** Whether there is one, damaged or not. */
  async has(key: string): Promise<boolean> {
    for (const folder of this.#folders.project) {
      if (await stat(join(folder, key + SUFFIX)).catch(() => undefined)) return true
    }
    return false
  }

  /** Keeps a snapshot in the first folder that takes it, and the newest others. */
  async put(key: string, snapshot: Snapshot, scope: CacheScope = 'project'): Promise<void> {
    for (const folder of this.#folders[scope]) {
      try {
        await mkdir(folder, { recursive: true })
        await writeSnapshotFile(join(folder, key + SUFFIX), snapshot)
        await prune(folder)
        return
      } catch {
        // Read-only, full, or somebody else's: the next one.
      }
    }
    this.#onUnwritable(this.#folders[scope])
  }

  /** Removes what killed processes left: halves of snapshots, and locks. */
  async sweep(): Promise<void> {
    const folders = new Set([...this.#folders.project, ...this.#folders.machine])
    // What cannot be removed, or somebody else has removed meanwhile, is not missed.
    await Promise.all([...folders].map((folder) => sweep(folder).catch(() => {})))
  }

  /** Where the lock is for what makes this key; undefined when no folder can be written. */
  async lockPath(key: string): Promise<string | undefined> {
    const folder = await writableFolder(this.#folders.project)
    return folder && join(folder, key + LOCK_SUFFIX)
  }
}

async function prune(folder: string): Promise<void> {
  const names = await readdir(folder)
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name)
      return { path, age: Date.now() - (await stat(path).catch(() => ({ mtimeMs: 0 }))).mtimeMs }
    }),
  )
  const snapshots = files.filter(({ path }) => path.endsWith(SUFFIX))
  const newest = snapshots.toSorted((a, b) => a.age - b.age)
  // Seeds of test files must not push out what all tests begin with.
  const isLayer = ({ path }: { path: string }): boolean => basename(path).startsWith(LAYER_PREFIX)
  const old = [
    ...newest.filter((file) => !isLayer(file)).slice(KEPT),
    ...newest.filter(isLayer).slice(KEPT_LAYERS),
  ]
  for (const { path } of old) await rm(path, { force: true })
}

async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    if (name.endsWith(LOCK_SUFFIX)) await removeAbandonedLock(path)
    else if (name.endsWith('.tmp')) {
      const { mtimeMs } = await stat(path)
      if (isAbandonedPart(name, Date.now() - mtimeMs)) await rm(path, { force: true })
    }
  }
}

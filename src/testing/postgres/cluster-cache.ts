import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chown, mkdir, readdir, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'

import { x } from 'tinyexec'

import type { CacheFolders } from '../cache/cache-folders.ts'
import type { Binaries } from './binaries.ts'
import { copyFolder } from './copy-folder.ts'
import { publishFolder } from './publish-folder.ts'
import { createScratchFolder } from './scratch-folder.ts'
import type { ServerUser } from './server-user.ts'
import { initdbOptions } from './settings.ts'

const SUFFIX = '.cluster'
// 40 to 60 MB each.
const KEPT = 4
/** Milliseconds after which what nobody has finished is nobody's. */
const ABANDONED = 60 * 60 * 1000

/** Data directories of servers that were shut down, by key. */
export class ClusterCache {
  readonly #folders: CacheFolders
  readonly #binaries: Binaries
  readonly #user: ServerUser | undefined

  constructor(folders: CacheFolders, binaries: Binaries, user: ServerUser | undefined) {
    this.#folders = folders
    this.#binaries = binaries
    this.#user = user
  }

  /** Finds one; it counts as used now. */
  async find(key: string): Promise<string | undefined> {
    for (const folder of this.#folders.project) {
      const path = this.#path(folder, key)
      if (!isCluster(path)) continue
      const now = new Date()
      await utimes(path, now, now).catch(() => {})
      return path
    }
    return undefined
  }

  /**
   * Keeps a copy of one in the first folder that takes it, and those used last.
   *
   * @returns false when no folder does.
   */
  async put(key: string, cluster: string): Promise<boolean> {
    for (const folder of this.#folders.project) {
      try {
        await publishFolder(this.#path(folder, key), (draft) => copyFolder(cluster, draft))
        await prune(folder)
        return true
      } catch {
        // Read-only, full, or somebody else's: the next one.
      }
    }
    return false
  }

  /** Takes one out that is of no use. */
  async drop(key: string): Promise<void> {
    for (const folder of this.#folders.project) {
      await rm(this.#path(folder, key), { recursive: true, force: true }).catch(() => {})
    }
  }

  /** Gives work an empty cluster of this version: made once per machine. */
  async withEmpty<T>(work: (cluster: string) => Promise<T>): Promise<T> {
    const options = initdbOptions(this.#binaries)
    const key = `empty-${this.#binaries.version}-${hash(options.join(' '))}`
    for (const folder of this.#folders.machine) {
      const path = this.#path(folder, key)
      if (isCluster(path)) return await work(path)
    }
    const scratch = await createScratchFolder(this.#user, (folder) =>
      this.#initialize(join(folder, 'data'), options),
    )
    try {
      const made = join(scratch, 'data')
      for (const folder of this.#folders.machine) {
        const target = this.#path(folder, key)
        const isKept = await publishFolder(target, (draft) => copyFolder(made, draft)).then(
          () => true,
          () => false,
        )
        if (isKept) break
      }
      return await work(made)
    } finally {
      await rm(scratch, { recursive: true, force: true })
    }
  }

  async #initialize(folder: string, options: readonly string[]): Promise<void> {
    await mkdir(folder, { mode: 0o700 })
    if (this.#user) await chown(folder, this.#user.uid, this.#user.gid)
    await x(this.#binaries.initdb, [...options, `--pgdata=${folder}`], {
      throwOnError: true,
      nodeOptions: {
        cwd: '/',
        env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
        ...this.#user,
      },
    })
  }

  // Its files belong to the user the server runs as.
  #path(folder: string, key: string): string {
    const owner = this.#user ? `-${this.#user.uid}` : ''
    return join(folder, `${key}${owner}${SUFFIX}`)
  }
}

function isCluster(path: string): boolean {
  // Without it a cleaner of temporary files has been there.
  return existsSync(join(path, 'global', 'pg_control')) && existsSync(join(path, 'PG_VERSION'))
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}

async function prune(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.includes(SUFFIX))
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name)
      return { path, age: Date.now() - (await stat(path).catch(() => ({ mtimeMs: 0 }))).mtimeMs }
    }),
  )
  const clusters = found.filter(({ path }) => path.endsWith(SUFFIX) && !path.includes('empty-'))
  const old = clusters.toSorted((a, b) => a.age - b.age).slice(KEPT)
  const abandoned = found.filter(({ path, age }) => path.endsWith('.tmp') && age > ABANDONED)
  for (const { path } of [...old, ...abandoned]) await rm(path, { recursive: true, force: true })
}

import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'

import { MigrationFileError } from '../../errors.ts'
import { findMigrations, type MigrationFile } from '../../migration/source.ts'
import { withBuildLock } from '../cache/build-lock.ts'
import { cacheFolders } from '../cache/cache-folders.ts'
import { SnapshotCache } from '../cache/snapshot-cache.ts'
import { baselineKey, type SnapshotKeys, snapshotKeys } from '../cache/snapshot-keys.ts'
import { engineVersion } from '../pglite/engine-parts.ts'
import type { Snapshot } from '../pglite/snapshot.ts'
import { buildInThread } from './build-in-thread.ts'

export interface SnapshotSource {
  /** Absolute path of the migrations. */
  readonly folder: string
  /** Somebody asked for this folder: that it is missing is an error, not an empty database. */
  readonly explicit: boolean
  /** The project: where paths in migrations and the search for `node_modules` start. */
  readonly root: string
  /** False to keep nothing on disk. */
  readonly cache: boolean
}

export interface SnapshotEvents {
  /** There are no migrations where they are by default: databases are empty. */
  readonly onMissingFolder?: () => void
  /** The migrations cannot be run. */
  readonly onFailure?: (error: Error) => void
  /** No folder takes snapshots: the next run builds again. */
  readonly onUnwritable?: (folders: readonly string[]) => void
}

/** How the snapshot came about. */
export interface SnapshotOrigin {
  /** `disk`: read from the cache. `built`: migrations ran, some or all of them. */
  readonly kind: 'disk' | 'built'
  /** How many migrations ran. */
  readonly migrations: number
  /** Milliseconds. */
  readonly duration: number
}

/** Has the snapshot of a baseline for everyone who asks, from disk or built; a failure is kept, too. */
export class SnapshotStore {
  readonly #source: SnapshotSource
  readonly #events: SnapshotEvents
  readonly #cache: SnapshotCache | undefined
  #snapshot: Promise<Snapshot> | undefined
  #onDisk: Promise<boolean> | undefined
  #failed = false
  #toldUnwritable = false
  #origin: SnapshotOrigin | undefined
  /** What the migrations were like when the snapshot was built. */
  #fingerprint: string | undefined

  constructor(source: SnapshotSource, events: SnapshotEvents = {}) {
    this.#source = source
    this.#events = events
    if (source.cache) {
      this.#cache = new SnapshotCache(cacheFolders(source.root), (folders) => {
        if (!this.#toldUnwritable) events.onUnwritable?.(folders)
        this.#toldUnwritable = true
      })
    }
  }

  /** How the last snapshot came about; undefined when nobody has asked for one. */
  get origin(): SnapshotOrigin | undefined {
    return this.#origin
  }

  get(): Promise<Snapshot> {
    this.#snapshot ??= this.#make().catch((error: Error) => {
      this.#failed = true
      this.#events.onFailure?.(error)
      throw error
    })
    return this.#snapshot
  }

  /** The snapshot is there, or on disk: no migration has to run for it. */
  async isAtHand(): Promise<boolean> {
    if (this.#snapshot) return this.#origin !== undefined
    this.#onDisk ??= this.#isOnDisk().catch(() => false)
    return await this.#onDisk
  }

  /** The migrations have changed since, or could not be run. */
  async isStale(): Promise<boolean> {
    if (!this.#snapshot) return false
    return this.#failed || (await this.#readFingerprint()) !== this.#fingerprint
  }

  /** The next one who asks gets a new one. */
  forget(): void {
    this.#snapshot = undefined
    this.#onDisk = undefined
    this.#failed = false
  }

  async #isOnDisk(): Promise<boolean> {
    const { baseline } = await this.#keys()
    return baseline !== undefined && ((await this.#cache?.has(baseline)) ?? false)
  }

  async #make(): Promise<Snapshot> {
    const start = performance.now()
    this.#origin = undefined
    await this.#cache?.sweep()
    this.#fingerprint = await this.#readFingerprint()
    if (this.#fingerprint === undefined && !this.#source.explicit) this.#events.onMissingFolder?.()
    const files = await this.#files()
    const keys = snapshotKeys(files, this.#source.root, engineVersion())
    const finish = (snapshot: Snapshot, migrations: number | undefined): Snapshot => {
      const kind = migrations === undefined ? 'disk' : 'built'
      this.#origin = { kind, migrations: migrations ?? 0, duration: performance.now() - start }
      return snapshot
    }

    const cached = await this.#cached(keys)
    if (cached) return finish(cached, undefined)
    return await this.#locked(keys, async () => {
      // Somebody else may have built it while this waited.
      const theirs = await this.#cached(keys)
      if (theirs) return finish(theirs, undefined)
      const { snapshot, migrations } = await this.#build(files, keys)
      return finish(snapshot, migrations)
    })
  }

  async #cached({ baseline }: SnapshotKeys): Promise<Snapshot | undefined> {
    return baseline === undefined ? undefined : await this.#cache?.get(baseline)
  }

  async #locked<T>({ layers, baseline }: SnapshotKeys, work: () => Promise<T>): Promise<T> {
    const path = await this.#cache?.lockPath(layers.at(-1) ?? '')
    if (path === undefined || baseline === undefined) return await work()
    return await withBuildLock(path, async () => (await this.#cache?.has(baseline)) ?? false, work)
  }

  async #build(
    files: readonly MigrationFile[],
    keys: SnapshotKeys,
  ): Promise<{ snapshot: Snapshot; migrations: number }> {
    const { base, applied } = await this.#findBase(files.length, keys)
    // The migration that is worked on is the last one: what comes before it is kept as well.
    const last = Math.min(keys.layers.length - 1, files.length - 1)
    const step = this.#cache && last > applied ? last : undefined
    const built = await buildInThread({ files, base, step })

    const cache = this.#cache
    if (cache) {
      if (built.cluster) await cache.put(keys.cluster, built.cluster, 'machine')
      if (built.step) await cache.put(keys.layers[last] ?? '', built.step)
      if (keys.baseline !== undefined) await cache.put(keys.baseline, built.baseline)
    }
    return { snapshot: built.baseline, migrations: files.length - applied }
  }

  /** The snapshot that has most of the migrations. */
  async #findBase(
    count: number,
    { cluster, layers }: SnapshotKeys,
  ): Promise<{ base: Snapshot | undefined; applied: number }> {
    for (let applied = Math.min(count, layers.length - 1); applied > 0; applied--) {
      const layer = layers[applied] ?? ''
      const base = (await this.#cache?.get(baselineKey(layer))) ?? (await this.#cache?.get(layer))
      if (base) return { base, applied }
    }
    return { base: await this.#cache?.get(cluster, 'machine'), applied: 0 }
  }

  async #keys(): Promise<SnapshotKeys> {
    return snapshotKeys(await this.#files(), this.#source.root, engineVersion())
  }

  async #files(): Promise<readonly MigrationFile[]> {
    const { folder, explicit } = this.#source
    const entries = await readdir(folder).catch(() => undefined)
    if (entries) return await findMigrations(folder)
    if (!explicit) return []
    throw new MigrationFileError('FOLDER_NOT_FOUND', {
      what: `migration folder not found: ${folder}`,
      fix: 'correct the option "migrations", or create the first migration: npx faasjs-pg new <name>',
      details: { folder },
    })
  }

  /** Of the folder's content, and of what its migrations import from elsewhere. */
  async #readFingerprint(): Promise<string | undefined> {
    const { folder } = this.#source
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => {})
    if (!entries) return undefined
    const hash = createHash('sha256')
    const files = entries.filter((entry) => entry.isFile())
    for (const path of files.map((file) => join(file.parentPath, file.name)).toSorted()) {
      hash.update(`${path}\0`).update(await readFile(path))
    }
    const keys = await this.#keys().catch(() => undefined)
    return hash.update(keys?.layers.at(-1) ?? '').digest('hex')
  }
}

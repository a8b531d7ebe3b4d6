import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'

import { MigrationFileError, TestDatabaseError } from '../../errors.ts'
import { findMigrations, type MigrationFile } from '../../migration/source.ts'
import { withBuildLock } from '../cache/build-lock.ts'
import { cacheFolders } from '../cache/cache-folders.ts'
import { describeChanges, type InputFiles, readInputs } from '../cache/input-changes.ts'
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
  /** Absolute paths of seeds, which run after the migrations, in this order. */
  readonly seeds: readonly string[]
  /** The project: where paths in migrations and the search for `node_modules` start. */
  readonly root: string
  /** False to keep nothing on disk. */
  readonly cache: boolean
}

export interface SnapshotEvents {
  /** There are no migrations: databases are empty, but for seeds. `true`: not even their folder is there. */
  readonly onNoMigrations?: (isFolderMissing: boolean) => void
  /** What the snapshot is made of, as absolute paths: an edit of one of these concerns every test. */
  readonly onInputs?: (paths: readonly string[]) => void
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
  /** What the snapshot is made of. */
  #inputs: InputFiles = new Map()

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

  /**
   * Whether a new snapshot is needed: something has changed since, or could not be run. What has changed, for
   * people; undefined when nothing has.
   */
  async changes(): Promise<readonly string[] | undefined> {
    if (!this.#snapshot) return undefined
    const keys = await this.#survey().then(
      (survey) => survey.keys,
      () => undefined,
    )
    // Of what is no longer used nothing is to be said.
    const inputs = await this.#readInputs(keys, this.#inputs.keys())
    const changes = describeChanges(this.#inputs, inputs, this.#source.root)
    return this.#failed || changes.length > 0 ? changes : undefined
  }

  /** The next one who asks gets a new one. */
  forget(): void {
    this.#snapshot = undefined
    this.#onDisk = undefined
    this.#failed = false
  }

  async #isOnDisk(): Promise<boolean> {
    const { baseline } = (await this.#survey()).keys
    return baseline !== undefined && ((await this.#cache?.has(baseline)) ?? false)
  }

  async #make(): Promise<Snapshot> {
    const start = performance.now()
    this.#origin = undefined
    await this.#cache?.sweep()
    const { files, keys } = await this.#survey().catch(async (error: unknown) => {
      await this.#noteInputs(undefined)
      throw error
    })
    await this.#noteInputs(keys)
    if (files.length === 0) this.#events.onNoMigrations?.(!existsSync(this.#source.folder))
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
    const { seeds } = this.#source
    const steps = this.#cache ? stepsOf(files.length, seeds.length, applied, keys) : []
    const built = await buildInThread({ files, seeds, base, steps })

    const cache = this.#cache
    if (cache) {
      if (built.cluster) await cache.put(keys.cluster, built.cluster, 'machine')
      for (const [index, snapshot] of built.steps.entries()) {
        await cache.put(keys.layers[steps[index] ?? -1] ?? '', snapshot)
      }
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

  async #survey(): Promise<{ files: readonly MigrationFile[]; keys: SnapshotKeys }> {
    const { seeds, root } = this.#source
    const files = await this.#files()
    for (const seed of seeds) if (!existsSync(seed)) throw missingSeed(seed)
    return { files, keys: snapshotKeys(files, seeds, root, engineVersion()) }
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

  async #noteInputs(keys: SnapshotKeys | undefined): Promise<void> {
    this.#inputs = await this.#readInputs(keys)
    this.#events.onInputs?.([...this.#inputs.keys()])
  }

  /** The keys are undefined when something is amiss: then the files themselves must do. */
  async #readInputs(
    keys: SnapshotKeys | undefined,
    others: Iterable<string> = [],
  ): Promise<InputFiles> {
    const { folder, seeds } = this.#source
    return await readInputs(folder, [...seeds, ...(keys?.inputs ?? []), ...others])
  }
}

/**
 * After how many migrations a snapshot is kept besides the last: what is worked on is the last migration,
 * or the seeds.
 */
function stepsOf(
  count: number,
  seeds: number,
  applied: number,
  { layers }: SnapshotKeys,
): number[] {
  const known = layers.length - 1
  const wanted = [Math.min(known, count - 1), ...(seeds > 0 ? [Math.min(known, count)] : [])]
  return [...new Set(wanted)].filter((step) => step > applied)
}

function missingSeed(seed: string): TestDatabaseError {
  return new TestDatabaseError('SEED_FAILED', {
    what: `seed not found: ${seed}`,
    fix: 'correct the option "seed": paths are relative to the root of the project',
    details: { file: seed },
  })
}

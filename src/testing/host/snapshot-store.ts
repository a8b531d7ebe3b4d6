import type { MigrationFile } from '../../migration/source.ts'
import { withBuildLock } from '../cache/build-lock.ts'
import { cacheFolders } from '../cache/cache-folders.ts'
import { SnapshotCache } from '../cache/snapshot-cache.ts'
import { baselineKey, type SnapshotKeys } from '../cache/snapshot-keys.ts'
import { engineVersion } from '../pglite/engine-parts.ts'
import type { Snapshot } from '../pglite/snapshot.ts'
import {
  BaselineStore,
  type Made,
  type SnapshotEvents,
  type SnapshotSource,
} from './baseline-store.ts'
import { Builder } from './builder.ts'
import { SnapshotLayers } from './snapshot-layers.ts'

interface Building {
  readonly made: Made<Snapshot>
  /** Writes it to disk. */
  readonly keep: () => Promise<void>
}

/** Baselines of PGlite: snapshots, from disk or built. */
export class SnapshotStore extends BaselineStore<Snapshot> {
  readonly #cache: SnapshotCache | undefined
  #toldUnwritable = false
  readonly #layers: SnapshotLayers
  /** What was built is being written to disk. */
  #keeping: Promise<unknown> | undefined

  constructor(source: SnapshotSource, events: SnapshotEvents = {}) {
    super(source, events)
    if (source.cache) {
      this.#cache = new SnapshotCache(cacheFolders(source.root), (folders) => {
        if (!this.#toldUnwritable) events.onUnwritable?.(folders)
        this.#toldUnwritable = true
      })
    }
    this.#layers = new SnapshotLayers(this.#cache)
  }

  /** A database in which seeds of a test file have been run; undefined when there is none. */
  async layer(key: string): Promise<Snapshot | undefined> {
    return await this.#layers.get(this.key, key)
  }

  /** Keeps one, which is made of the files of a running database. */
  keepLayer(key: string, files: Snapshot): void {
    this.#layers.put(this.key, key, files)
  }

  override forget(): void {
    super.forget()
    this.#layers.clear()
  }

  /** Until everything that is to be kept is. */
  async settle(): Promise<void> {
    await Promise.all([this.#layers.settle(), this.#keeping])
  }

  protected override engineVersion(): string {
    return engineVersion()
  }

  protected override async isKept({ baseline }: SnapshotKeys): Promise<boolean> {
    return baseline !== undefined && ((await this.#cache?.has(baseline)) ?? false)
  }

  protected override async make(
    files: readonly MigrationFile[],
    keys: SnapshotKeys,
  ): Promise<Made<Snapshot>> {
    await this.#cache?.sweep()
    const cached = await this.#cached(keys)
    if (cached) return { value: cached, migrations: undefined }
    return await new Promise<Made<Snapshot>>((resolve, reject) => {
      const keeping = this.#locked(keys, async () => {
        // Somebody else may have built it while this waited.
        const theirs = await this.#cached(keys)
        if (theirs) return resolve({ value: theirs, migrations: undefined })
        const { made, keep } = await this.#build(files, keys)
        // Tests need not wait until it is on disk; other processes do.
        resolve(made)
        await keep()
      }).catch(reject)
      this.#keeping = Promise.all([this.#keeping, keeping])
    })
  }

  async #cached({ baseline }: SnapshotKeys): Promise<Snapshot | undefined> {
    return baseline === undefined ? undefined : await this.#cache?.get(baseline)
  }

  async #locked({ layers, baseline }: SnapshotKeys, work: () => Promise<void>): Promise<void> {
    const path = await this.#cache?.lockPath(layers.at(-1) ?? '')
    if (path === undefined || baseline === undefined) return await work()
    return await withBuildLock(path, async () => (await this.#cache?.has(baseline)) ?? false, work)
  }

  async #build(files: readonly MigrationFile[], keys: SnapshotKeys): Promise<Building> {
    const builder = new Builder()
    try {
      const { base, applied } = await this.#findBase(files.length, keys)
      const { seeds } = this.source
      const steps = this.#cache ? stepsOf(files.length, seeds.length, applied, keys) : []
      const built = await builder.build({ files, seeds, base, steps })
      const made = { value: built.baseline, migrations: files.length - applied }
      const keep = async (): Promise<void> => {
        const cache = this.#cache
        if (built.cluster) await cache?.put(keys.cluster, built.cluster, 'machine')
        for (const [index, snapshot] of built.steps.entries()) {
          await cache?.put(keys.layers[steps[index] ?? -1] ?? '', snapshot)
        }
        if (keys.baseline !== undefined) await cache?.put(keys.baseline, built.baseline)
      }
      return { made, keep }
    } finally {
      await builder.end()
    }
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

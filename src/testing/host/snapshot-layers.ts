import { LAYER_PREFIX, type SnapshotCache } from '../cache/snapshot-cache.ts'
import type { Snapshot } from '../pglite/snapshot.ts'
import { Builder } from './builder.ts'

// 15 to 20 MB each, in memory.
const KEPT = 4

/** What seeds of test files have made, as snapshots to boot from: of this run, and on disk. */
export class SnapshotLayers {
  readonly #cache: SnapshotCache | undefined
  readonly #made = new Map<string, Promise<Snapshot | undefined>>()

  constructor(cache: SnapshotCache | undefined) {
    this.#cache = cache
  }

  /** @param baseline - The key of what the seeds began with; undefined where that is not known. */
  async get(baseline: string | undefined, key: string): Promise<Snapshot | undefined> {
    const made = this.#made.get(key)
    if (made) return await made
    const found = baseline === undefined ? undefined : this.#cache?.get(nameOf(baseline, key))
    const snapshot = await found
    if (found && snapshot) this.#add(key, found)
    return snapshot
  }

  /** @param files - Of a database that is running. */
  put(baseline: string | undefined, key: string, files: Snapshot): void {
    if (this.#made.has(key)) return
    this.#add(
      key,
      this.#build(baseline, key, files).catch(() => undefined),
    )
  }

  clear(): void {
    this.#made.clear()
  }

  async settle(): Promise<void> {
    await Promise.all(this.#made.values())
  }

  #add(key: string, snapshot: Promise<Snapshot | undefined>): void {
    this.#made.set(key, snapshot)
    const [oldest] = this.#made.keys()
    if (this.#made.size > KEPT && oldest !== undefined) this.#made.delete(oldest)
  }

  /** In it the state is recorded as a baseline. */
  async #build(baseline: string | undefined, key: string, files: Snapshot): Promise<Snapshot> {
    const builder = new Builder()
    try {
      const built = await builder.build({ files: [], seeds: [], base: files, steps: [] })
      if (baseline !== undefined) await this.#cache?.put(nameOf(baseline, key), built.baseline)
      return built.baseline
    } finally {
      await builder.end()
    }
  }
}

function nameOf(baseline: string, key: string): string {
  return `${LAYER_PREFIX}${baseline}-${key}`
}

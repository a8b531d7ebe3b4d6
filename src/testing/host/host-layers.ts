import type { Snapshot } from '../pglite/snapshot.ts'
import { KeptLayers } from './kept-layers.ts'
import type { NewLayer } from './protocol.ts'

/** What of a host the layers need. */
interface LayeredHost {
  snapshot(): Promise<number>
  restore(snapshot: number): Promise<void>
  release(snapshot: number): void
  /** Whether there is a database to boot from in which the seeds have been run. */
  isThere(key: string): Promise<boolean>
  bootFrom(key: string): Promise<void>
  /** The files of the database as it is; undefined where they would not have everything. */
  pack(): Promise<Snapshot | undefined>
  readonly onLayer:
    | ((layer: { readonly key: string; readonly files: Snapshot }) => void)
    | undefined
}

// Milliseconds: booting from a snapshot, and going back, takes a third of it.
const SLOW_SEED = 1000

/** What seeds of test files have made, in one host. */
export class HostLayers {
  readonly #host: LayeredHost
  readonly #kept = new KeptLayers()

  constructor(host: LayeredHost) {
    this.#host = host
  }

  /** The numbers of the snapshots that stay from file to file. */
  get numbers(): ReadonlySet<number> {
    return this.#kept.numbers
  }

  /**
   * Puts the database into the state that seeds have made before.
   *
   * @param isFirst - There are no seeds around them.
   * @returns the number of its snapshot; 0 when it is not known.
   */
  async enter(key: string, isFirst: boolean): Promise<number> {
    const number = this.#kept.find(key)
    if (number !== undefined) {
      const isRestored = await this.#host.restore(number).then(
        () => true,
        () => false,
      )
      if (isRestored) return number
      this.#kept.forget(key)
    }
    // Another engine would have none of the snapshots around it.
    if (!isFirst || !(await this.#host.isThere(key))) return 0
    await this.#host.bootFrom(key)
    const booted = await this.#host.snapshot()
    this.#kept.add(key, booted)
    return booted
  }

  /** Keeps what seeds have made: here, and where it took long for others, too. */
  async keep({ key, snapshot, duration }: NewLayer, isFirst: boolean): Promise<void> {
    const dropped = this.#kept.add(key, snapshot)
    if (dropped !== undefined) this.#host.release(dropped)
    if (duration < SLOW_SEED || !isFirst) return
    // Where that cannot be done they run again next time.
    const files = await this.#host.pack().catch(() => undefined)
    if (files) this.#host.onLayer?.({ key, files })
  }

  /** The engine is another one. */
  clear(): void {
    this.#kept.clear()
  }
}

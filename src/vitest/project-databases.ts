import type { SnapshotOrigin } from '../testing/host/snapshot-store.ts'
import { TestHost, type TestHostOptions } from '../testing/host/test-host.ts'
import type { Lease } from './protocol.ts'

interface Slot {
  readonly host: TestHost
  /** The worker that has it now. */
  worker: string | undefined
}

/** The databases of one Vitest project: one per slot of its pool, kept from file to file. */
export class ProjectDatabases {
  readonly #options: TestHostOptions
  #slots = new Map<string, Slot>()

  constructor(options: TestHostOptions) {
    this.#options = options
  }

  /**
   * Gives a worker the database of its slot.
   *
   * Vitest's slot numbers are no exclusive leases: two workers may be alive under one number. The
   * second one gets a database of its own.
   */
  async checkIn(name: string, worker: string): Promise<{ lease: Lease; release: () => void }> {
    const slot = this.#take(name, worker)
    const release = (): void => {
      if (slot.worker === worker) slot.worker = undefined
    }
    try {
      const port = await slot.host.listen()
      await slot.host.enter(worker)
      const quick = slot.host.booted || (await this.#options.snapshots.isAtHand())
      return { lease: { port, url: await slot.host.url(), quick }, release }
    } catch (error) {
      release()
      throw error
    }
  }

  /** Ends the statement that a worker's database has been busy with for seconds. */
  async unblock(worker: string): Promise<void> {
    for (const slot of this.#slots.values()) if (slot.worker === worker) await slot.host.unblock()
  }

  /** How the snapshot of this run came about; undefined when nobody connected. */
  get origin(): SnapshotOrigin | undefined {
    return this.#options.snapshots.origin
  }

  /**
   * Throws all databases away if their migrations or seeds have changed, or could not be run. Says what has
   * changed; undefined when the databases stay.
   */
  async renewIfStale(): Promise<readonly string[] | undefined> {
    const changes = await this.#options.snapshots.changes()
    if (changes === undefined) return undefined
    this.#options.snapshots.forget()
    await this.close()
    return changes
  }

  async close(): Promise<void> {
    const slots = [...this.#slots.values()]
    this.#slots = new Map()
    await Promise.all(slots.map(({ host }) => host.close()))
  }

  #take(name: string, worker: string): Slot {
    for (let copy = 1; ; copy++) {
      const key = copy === 1 ? name : `${name}#${copy}`
      const slot = this.#slots.get(key)
      if (slot?.worker !== undefined && slot.worker !== worker) continue
      const taken = slot ?? { host: new TestHost(this.#options), worker }
      taken.worker = worker
      this.#slots.set(key, taken)
      return taken
    }
  }
}

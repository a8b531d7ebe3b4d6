import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

import type { FailedDatabases } from '../testing/failed/failed-databases.ts'
import type { FailedTest } from '../testing/failed/kept-database.ts'
import type { SnapshotOrigin } from '../testing/host/baseline-store.ts'
import type { Modes } from '../testing/host/modes.ts'
import type { SlotDatabase } from '../testing/host/slot-database.ts'
import type { Address } from '../testing/server/address.ts'
import type { TestDatabases } from '../testing/test-databases.ts'
import type { CheckIn, Lease } from './protocol.ts'

// Milliseconds.
const LONGEST_REPORT = 1000
// Milliseconds that a worker may need to end after its last file. One that does not is left alone.
const LONGEST_FAREWELL = 500

interface Slot {
  readonly host: SlotDatabase
  /** The worker that has it now. */
  worker: string | undefined
  /** Tells that worker that the database has been connected to. */
  onStart: (() => void) | undefined
}

/** The databases of one Vitest project: one per slot of its pool, kept from file to file. */
export class ProjectDatabases {
  readonly #databases: TestDatabases
  readonly #failed: FailedDatabases | undefined
  #slots = new Map<string, Slot>()

  /** @param failed - Keeps those of failed tests; none unless given. */
  constructor(databases: TestDatabases, failed?: FailedDatabases) {
    this.#databases = databases
    this.#failed = failed
  }

  /**
   * Gives a worker the database of its slot.
   *
   * Vitest's slot numbers are no exclusive leases: two workers may be alive under one number. The
   * second one waits a little, and then gets a database of its own.
   *
   * @param onStart - Called when the database is connected to for the first time.
   */
  async checkIn(
    { slot: name, worker, modes, isGated }: CheckIn,
    onStart: () => void,
  ): Promise<{ lease: Lease; release: () => void }> {
    await this.#untilFree(name, worker)
    const slot = this.#take(name, worker)
    const release = (): void => {
      if (slot.worker !== worker) return
      slot.worker = undefined
      slot.onStart = undefined
    }
    try {
      slot.onStart = onStart
      const { host } = slot
      const { started } = host
      await host.enter(worker, modes)
      const quick = host.booted || (await this.#databases.isAtHand())
      const url = await host.url?.(isGated)
      const lease = {
        address: await host.open(),
        quick,
        started,
        ...(url !== undefined && { url }),
      }
      return { lease, release }
    } catch (error) {
      release()
      throw error
    }
  }

  /** Where the control channel of a worker's database is. */
  async control(worker: string): Promise<Address> {
    return await this.#slotOf(worker).host.listen()
  }

  /** Keeps a worker's database for somebody who wants to see why a test failed. */
  async keep(worker: string, test: FailedTest): Promise<number | undefined> {
    return await this.#failed?.keep(test, this.#slotOf(worker).host)
  }

  /** A test has passed after all. */
  async discard(name: string): Promise<void> {
    await this.#failed?.discard(name)
  }

  /** Names the test that a worker runs. */
  async begin(worker: string, test: string): Promise<void> {
    await this.#slotOf(worker).host.begin(test)
  }

  /** Changes the modes of a worker's database for the file that has begun. */
  async setModes(worker: string, modes: Modes): Promise<void> {
    await this.#slotOf(worker).host.setModes(modes)
  }

  /** Ends the statement that a worker's database has been busy with for seconds. */
  async unblock(worker: string): Promise<void> {
    for (const slot of this.#slots.values()) if (slot.worker === worker) await slot.host.unblock()
  }

  /** Has all of them report what they have not reported yet. */
  async report(): Promise<void> {
    const reports = [...this.#slots.values()].map(async ({ host }) => await host.report?.())
    // One that is busy with something that does not end is not waited for.
    await Promise.race([
      Promise.allSettled(reports),
      sleep(LONGEST_REPORT, undefined, { ref: false }),
    ])
  }

  /** What they run on, for people. */
  get label(): string {
    return this.#databases.label
  }

  /** They take memory of this process, a lot. */
  get isInProcess(): boolean {
    return this.#databases.isInProcess
  }

  /** How the snapshot of this run came about; undefined when nobody connected. */
  get origin(): SnapshotOrigin | undefined {
    return this.#databases.origin
  }

  /**
   * Throws all databases away if their migrations or seeds have changed, or could not be run. Says what has
   * changed; undefined when the databases stay.
   */
  async renewIfStale(): Promise<readonly string[] | undefined> {
    const changes = await this.#databases.changes()
    if (changes === undefined) return undefined
    this.#databases.forget()
    await this.close()
    return changes
  }

  async close(): Promise<void> {
    const slots = [...this.#slots.values()]
    this.#slots = new Map()
    await Promise.all(slots.map(({ host }) => host.close()))
    await this.#databases.close()
  }

  #slotOf(worker: string): Slot {
    const slot = [...this.#slots.values()].find((other) => other.worker === worker)
    if (!slot) throw new Error('this worker has no database')
    return slot
  }

  async #untilFree(name: string, worker: string): Promise<void> {
    const end = performance.now() + LONGEST_FAREWELL
    const isTaken = (): boolean => {
      const holder = this.#slots.get(name)?.worker
      return holder !== undefined && holder !== worker
    }
    while (isTaken() && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  #take(name: string, worker: string): Slot {
    for (let copy = 1; ; copy++) {
      const key = copy === 1 ? name : `${name}#${copy}`
      const slot = this.#slots.get(key)
      if (slot?.worker !== undefined && slot.worker !== worker) continue
      const taken = slot ?? this.#create(key)
      taken.worker = worker
      this.#slots.set(key, taken)
      return taken
    }
  }

  #create(name: string): Slot {
    const host = this.#databases.create(name, () => slot.onStart?.())
    const slot: Slot = { host, worker: undefined, onStart: undefined }
    return slot
  }
}

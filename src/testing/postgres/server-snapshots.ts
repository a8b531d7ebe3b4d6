import { TestDatabaseError } from '../../errors.ts'
import type { NewLayer } from '../host/protocol.ts'
import type { Clone } from './clone.ts'
import { ServerLayers } from './server-layers.ts'

/**
 * The snapshots of one slot: databases that its own one is cloned from when it is put back to them. One of them
 * may be the base, which resets lead to.
 */
export class ServerSnapshots {
  readonly #slot: string
  readonly #names = new Map<number, string>()
  #last = 0
  #layers = this.#newLayers()
  #base: string | undefined
  #isBaseLost = false

  constructor(slot: string) {
    this.#slot = slot
  }

  has(snapshot: number): boolean {
    return this.#names.has(snapshot)
  }

  /** @throws {TestDatabaseError} `SNAPSHOT_UNUSABLE`. */
  nameOf(snapshot: number): string {
    const name = this.#names.get(snapshot)
    if (name !== undefined) return name
    throw new TestDatabaseError('SNAPSHOT_UNUSABLE', {
      what: 'there is no such snapshot',
      why: 'it was released, or is of another database',
      fix: 'take another one',
    })
  }

  /** Copies the database, which nobody may be connected to. */
  async take({ baseline: { run }, name: origin }: Clone): Promise<number> {
    const number = ++this.#last
    const name = run.nameOf(`${this.#slot} snapshot ${number}`)
    await run.databases.clone(origin, name)
    this.#names.set(number, name)
    return number
  }

  /** Forgets a snapshot, and returns the database that is of no use any more. */
  forget(snapshot: number): string | undefined {
    const name = this.#names.get(snapshot)
    this.#names.delete(snapshot)
    // Templates are everybody's.
    return name === undefined || this.#layers.isShared(name) ? undefined : name
  }

  /** Resets lead to a snapshot, not to the template. */
  get isBased(): boolean {
    return this.#base !== undefined
  }

  /** From now on resets lead to this snapshot; to the template again for 0. */
  base(snapshot: number): void {
    this.#base = snapshot === 0 ? undefined : this.nameOf(snapshot)
    this.#isBaseLost = false
  }

  /**
   * The database that tests begin with.
   *
   * @throws {TestDatabaseError} `SNAPSHOT_UNUSABLE` when it has gone with its server.
   */
  origin({ baseline }: Clone): string {
    if (this.#isBaseLost) {
      throw new TestDatabaseError('SNAPSHOT_UNUSABLE', {
        what: 'the rows that seed() has made for this test file are gone',
        why: 'the server ended while a test ran, and another one has taken its place',
        fix: 'see why it ended, and run the file again',
      })
    }
    return this.#base ?? baseline.template.name
  }

  /** See {@link ServerLayers.find}. */
  async findLayer({ baseline }: Clone, key: string): Promise<number> {
    return await this.#layers.find(baseline, key)
  }

  /** See {@link ServerLayers.keep}. */
  async keepLayer({ baseline }: Clone, layer: NewLayer): Promise<number | undefined> {
    return await this.#layers.keep(baseline, layer, this.nameOf(layer.snapshot))
  }

  /** The server has ended, and they were databases of it. */
  clear(): void {
    this.#isBaseLost = this.isBased
    this.#names.clear()
    this.#layers = this.#newLayers()
  }

  #newLayers(): ServerLayers {
    return new ServerLayers((name) => {
      this.#names.set(++this.#last, name)
      return this.#last
    })
  }
}

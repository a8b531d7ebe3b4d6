import { importPGlite } from '../pglite/open-pglite.ts'
import type { Engine } from '../server/engine.ts'
import type { Session } from '../server/session.ts'
import type { HostOptions } from './host-options.ts'
import { TestEngine } from './test-engine.ts'
import { TestTransaction } from './test-transaction.ts'

export interface HostEngineOptions {
  readonly material: HostOptions['material']
  readonly pulse: HostOptions['pulse'] | undefined
  /** What clients share. */
  readonly session: Session
  /** An engine is there, with its baseline in place; {@link HostEngine.serve} is to be called. */
  readonly onBooted: (warning: string | undefined) => Promise<void>
  /** Nothing of it can be used any more. */
  readonly onDiscarded: () => void
}

/** The engine of a host: booted by the first client, and replaced when it is of no use any more. */
export class HostEngine {
  readonly #options: HostEngineOptions
  #booting: Promise<void> | undefined
  #current: TestEngine | undefined
  #served: TestEngine | undefined
  #transaction: TestTransaction | undefined
  #layer: string | undefined

  constructor(options: HostEngineOptions) {
    this.#options = options
  }

  /** It runs, or is on its way. */
  get isStarted(): boolean {
    return this.#booting !== undefined
  }

  get current(): TestEngine | undefined {
    return this.#current
  }

  /** Where tests run in transactions. */
  get transaction(): TestTransaction | undefined {
    return this.#transaction
  }

  /** The layer that it was booted from; undefined when that was the baseline. */
  get layer(): string | undefined {
    return this.#layer
  }

  /** What connections get. */
  get wire(): Engine {
    if (!this.#current) throw new Error('the database has been closed')
    return this.#transaction?.engine ?? this.#current.wire
  }

  /** Boots it unless it runs. Remembers no failure: the snapshot's owner does. */
  boot(): Promise<void> {
    this.#booting ??= this.#boot().catch((error: unknown) => {
      this.#booting = undefined
      throw error
    })
    return this.#booting
  }

  /** Waits until it runs, if it is on its way. */
  async settle(): Promise<void> {
    await this.#booting?.catch(() => {})
  }

  /** Boots another one, from a layer or the baseline. */
  async replace(layer?: string): Promise<void> {
    await this.discard()
    this.#layer = layer
    await this.boot()
  }

  async discard(): Promise<void> {
    const engine = this.#current
    this.#current = undefined
    this.#booting = undefined
    this.#layer = undefined
    this.#options.onDiscarded()
    await engine?.close()
  }

  /**
   * Gives connections the engine as tests want it: the baseline is in place.
   *
   * @param inTransactions - Each test runs in one.
   * @param isTest - What connections do from now on belongs to a test, unless a transaction before said otherwise.
   */
  async serve(inTransactions: boolean, isTest: boolean): Promise<void> {
    const engine = this.#current
    const isServed = engine === this.#served && inTransactions === (this.#transaction !== undefined)
    if (!engine || isServed) return
    this.#served = engine
    const isActive = this.#transaction?.engine.isActive ?? isTest
    this.#transaction = inTransactions ? new TestTransaction(engine.wire) : undefined
    if (isActive) this.#transaction?.begin()
    await this.#options.session.use(this.wire)
  }

  async #boot(): Promise<void> {
    const { material, pulse, onBooted } = this.#options
    const [found] = await Promise.all([material(this.#layer), importPGlite()])
    if (!found) throw new Error('what it is to begin with is gone')
    this.#current = await TestEngine.boot(found, pulse)
    await onBooted(this.#current.warning)
  }
}

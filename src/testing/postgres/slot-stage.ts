import type { ResetWay } from '../host/modes.ts'
import type { StrayReport } from '../host/protocol.ts'
import { type Clone, endSessions } from './clone.ts'
import { TransactionStage } from './transaction-stage.ts'

// Milliseconds.
const PATIENCE = 2000

/** The stage of a slot: there is one while its tests are transactions. */
export class SlotStage {
  readonly #onStrays: (report: StrayReport) => void
  #current: TransactionStage | undefined

  constructor(onStrays: (report: StrayReport) => void) {
    this.#onStrays = onStrays
  }

  get current(): TransactionStage | undefined {
    return this.#current
  }

  /**
   * Clients are served as the modes want it from now on: those that are there must come again.
   *
   * @param test - The one that runs.
   */
  async set(clone: Clone, isWanted: boolean, test: string | undefined): Promise<void> {
    if (isWanted === (this.#current !== undefined)) return
    await this.remove()
    if (!isWanted) return
    const { url, baseline, rows } = clone
    const { role: owner, major } = baseline.run.facts
    const named = (sql: string): Promise<string> => rows.named(sql)
    this.#current = new TransactionStage({ url, owner, named, version: major * 10_000 })
    if (test !== undefined) this.#current.begin()
    await endSessions(clone)
  }

  /**
   * A test's transaction is over.
   *
   * @returns how many sequences were put back, when that is all there is to do.
   */
  async leave(test: string | undefined, way: ResetWay): Promise<number | undefined> {
    const stage = this.#current
    if (!stage?.isActive) return undefined
    // The test that ran a statement is over; it need not end by itself.
    const impatience = setInterval(() => stage.unblock(), PATIENCE)
    const strays = await stage
      .endOpen(`The test "${test}" left it open; it was rolled back before the next test.`)
      .finally(() => clearInterval(impatience))
    if (strays.length > 0) this.#onStrays({ test, strays })
    const relations = await stage.rollBack()
    if (way === 'transaction' && relations !== undefined) return relations
    // From test to test connections stay, also where one has committed something.
    if (way !== 'transaction' || stage.isActive) await stage.clear()
    return undefined
  }

  /** Ends every connection to it. */
  async remove(): Promise<void> {
    await this.#current?.clear()
    this.#current = undefined
  }
}

import type { ServerError } from './backend-messages.ts'
import type { Visit } from './visit.ts'
import type { Owner, WaitingLine } from './waiting-line.ts'

/** What has to be known of a session. */
export interface VainWaitsOptions {
  readonly owner: () => Owner | undefined
  /** Something is run: who waits is looked at after it. */
  readonly isWorking: () => boolean
  readonly refuse: (visit: Visit, error: ServerError) => void
}

/** Ends waits that cannot end by themselves. */
export class VainWaits {
  readonly #waiting: WaitingLine
  readonly #options: VainWaitsOptions
  #timer: NodeJS.Timeout | undefined

  constructor(waiting: WaitingLine, options: VainWaitsOptions) {
    this.#waiting = waiting
    this.#options = options
  }

  /** Looks again when the first of those who wait has waited long enough. */
  watch(): void {
    clearTimeout(this.#timer)
    const end = this.#waiting.nextEnd(this.#options.owner())
    if (end === Infinity) return
    this.#timer = setTimeout(() => this.#end(), Math.max(end - Date.now(), 1))
    this.#timer.unref()
  }

  #end(): void {
    const { owner, isWorking, refuse } = this.#options
    if (isWorking()) return
    for (const { visit, error } of this.#waiting.locks.ended()) refuse(visit, error)
    const busy = owner()
    for (const { visit, error } of busy ? this.#waiting.inVain(busy) : []) refuse(visit, error)
    this.watch()
  }
}

import type { ServerError } from './backend-messages.ts'
import { LockWaits } from './lock-waits.ts'
import { vainWait } from './refusals.ts'
import type { SessionOptions } from './session-options.ts'
import type { Guest, Visit } from './visit.ts'

/** Who has the session, in a transaction, and when something came from there last. */
export interface Owner {
  readonly visit: Visit
  readonly activeAt: number
}

/** Who waits for the session: for their turn, in the order of arrival, or for an advisory lock. */
export class WaitingLine {
  readonly locks: LockWaits
  readonly #options: Pick<SessionOptions, 'waitLimit' | 'oneSession'>
  #line: Visit[] = []

  constructor(
    visits: ReadonlyMap<Guest, Visit>,
    options: Pick<SessionOptions, 'waitLimit' | 'oneSession'>,
  ) {
    this.#options = options
    this.locks = new LockWaits(visits, options.waitLimit)
  }

  /** Nobody waits for a turn. */
  get isEmpty(): boolean {
    return this.#line.length === 0
  }

  has(visit: Visit): boolean {
    return this.#line.includes(visit) || this.locks.has(visit)
  }

  join(visit: Visit): void {
    visit.waitingSince = Date.now()
    this.#line.push(visit)
  }

  leave(visit: Visit): void {
    this.#line = this.#line.filter((other) => other !== visit)
    this.locks.delete(visit)
  }

  /** Whose turn it is. */
  next(): Visit | undefined {
    return this.#line.shift()
  }

  /** Advisory locks may be free again: those who wait for one try once more, before all others. */
  wake(): void {
    this.#line.unshift(...this.locks.takeAll())
  }

  /** When the first of them has waited long enough, in milliseconds of the clock; `Infinity` when nobody waits in vain. */
  nextEnd(owner: Owner | undefined): number {
    const [first] = this.#line
    if (!owner || !first) return this.locks.nextEnd
    const end = Math.max(first.waitingSince, owner.activeAt) + this.#options.waitLimit
    return Math.min(this.locks.nextEnd, end)
  }

  /** Those who have waited long enough for a transaction in which nothing happens, and what they are told. */
  inVain({ visit: owner, activeAt }: Owner): { visit: Visit; error: ServerError }[] {
    const { waitLimit, oneSession } = this.#options
    return this.#line.flatMap((visit) => {
      const waited = Date.now() - Math.max(visit.waitingSince, activeAt)
      if (waited < waitLimit) return []
      const error = vainWait({
        waited,
        waiter: visit.guest.label,
        query: visit.guest.inbox.nextQuery,
        owner: owner.guest.label,
        ownerQuery: owner.query,
        oneSession,
      })
      return [{ visit, error }]
    })
  }
}

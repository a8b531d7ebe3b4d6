import { cstring, errorResponse, message, type ServerError } from './backend-messages.ts'
import type { Engine } from './engine.ts'
import type { RunUnit } from './inbox.ts'
import { lockInTransaction, vainLockWait } from './refusals.ts'
import { finalStatus, firstError, replies, withErrorAs } from './replies.ts'
import { LOCKED_BY_OTHER } from './session-functions.ts'
import { closeStatement } from './statements.ts'
import type { Guest, Visit } from './visit.ts'

const ROLLBACK = message('Q', cstring('ROLLBACK'))
const SYNC = message('S')

interface Wait {
  readonly holder: number
  /** The first try, in milliseconds of the clock. */
  readonly since: number
}

interface Refused {
  readonly visit: Visit
  readonly error: ServerError
}

/** Connections that wait for an advisory lock of another one: what they ran is run again. */
export class LockWaits {
  readonly #guests: ReadonlyMap<Guest, Visit>
  readonly #limit: number
  readonly #waits = new Map<Visit, Wait>()
  /** Those who try again, as they have waited already. */
  readonly #retried = new WeakMap<Visit, Wait>()

  /** @param limit - Milliseconds after which a wait ends with an error. */
  constructor(guests: ReadonlyMap<Guest, Visit>, limit: number) {
    this.#guests = guests
    this.#limit = limit
  }

  has(visit: Visit): boolean {
    return this.#waits.has(visit)
  }

  delete(visit: Visit): void {
    this.#waits.delete(visit)
    this.#retried.delete(visit)
  }

  /** Everybody, to try again. */
  takeAll(): Visit[] {
    const visits = [...this.#waits.keys()]
    for (const [visit, wait] of this.#waits) this.#retried.set(visit, wait)
    this.#waits.clear()
    return visits
  }

  /**
   * Looks whether a unit met a lock of another connection, and lets it wait where it can be run again.
   *
   * @param isOutside - No transaction was open before.
   * @returns what the client is told; undefined when it waits.
   */
  async judge(
    engine: Engine,
    visit: Visit,
    unit: RunUnit,
    answer: Buffer,
    isOutside: boolean,
  ): Promise<Buffer | undefined> {
    const error = firstError(answer)
    if (error?.get('C') !== LOCKED_BY_OTHER) {
      this.#retried.delete(visit)
      return answer
    }
    const holder = Number(error.get('D'))
    if (!isOutside || !unit.sync || endsTransaction(answer)) {
      const { label, query } = this.#describe(holder)
      return withErrorAs(answer, errorResponse(lockInTransaction(label, query)))
    }
    if (finalStatus(answer) !== 'I') await engine.exec([ROLLBACK])
    // The next try prepares them again.
    const prepared = unit.defines.map(({ statement }) => closeStatement(statement.alias))
    if (prepared.length > 0) await engine.exec([...prepared, SYNC])
    visit.guest.inbox.putBack(unit)
    this.#waits.set(visit, { holder, since: this.#retried.get(visit)?.since ?? Date.now() })
    return undefined
  }

  /** When the first wait ends in vain, in milliseconds of the clock. */
  get nextEnd(): number {
    return Math.min(...[...this.#waits.values()].map(({ since }) => since + this.#limit))
  }

  /** Those who have waited long enough. */
  ended(): Refused[] {
    return [...this.#waits].flatMap(([visit, { holder, since }]) => {
      const waited = Date.now() - since
      if (waited < this.#limit) return []
      const { label, query } = this.#describe(holder)
      const wait = { waited, query: visit.guest.inbox.nextQuery }
      return [{ visit, error: vainLockWait({ ...wait, holder: label, holderQuery: query }) }]
    })
  }

  /** All of them, to be told that it is over. */
  all(reason: string): Refused[] {
    return [...this.#waits.keys()].map((visit) => ({
      visit,
      error: {
        severity: 'ERROR',
        code: '55P03',
        message: 'gave up waiting for an advisory lock of another connection',
        detail: reason,
        hint: 'Await every query of a test.',
      },
    }))
  }

  #describe(holder: number): { label: string; query: string } {
    for (const [guest, { query }] of this.#guests) {
      if (guest.id === holder) return { label: guest.label, query }
    }
    return { label: `connection ${holder}`, query: '' }
  }
}

/** Part of the unit has been committed: it cannot be run once more. */
function endsTransaction(answer: Buffer): boolean {
  for (const { type, start, end } of replies(answer)) {
    if (type === 'C' && /^(?:COMMIT|ROLLBACK)/.test(answer.toString('latin1', start + 5, end))) {
      return true
    }
  }
  return false
}

import type { Executor } from '../../database/database.ts'
import { sqlStateOf } from '../../database/engines/driver-error.ts'
import { type EndedTransaction, restoreServerBaseline } from '../baseline/server-baseline.ts'

/** What a reset of a slot's database did. */
export interface SlotReset {
  /** Tables, sequences and materialized views that were put back. */
  readonly relations: number
  /** Sessions that were in a transaction. */
  readonly ended: readonly EndedTransaction[]
  /** Why rows were not enough: the database must be cloned again. */
  readonly change: string | undefined
}

// Somebody may have begun a transaction since the others were ended.
const ATTEMPTS = 3
const IN_THE_WAY = new Set(['55P03', '40P01', '40001'])

/** The way back to the baseline that the database of a slot holds. */
export class SlotBaseline {
  readonly #executor: Executor
  #mark: string | undefined

  constructor(executor: Executor) {
    this.#executor = executor
  }

  /** @throws the driver's error when the server does not answer. */
  async reset(): Promise<SlotReset> {
    for (let attempt = 1; ; attempt++) {
      try {
        const { relations, ended, mark } = await restoreServerBaseline(this.#executor, this.#mark)
        this.#mark = mark
        return { relations, ended, change: undefined }
      } catch (error) {
        const code = sqlStateOf(error)
        // A lost connection is no statement about the schema.
        if (code === undefined || /^(?:08|57P)/.test(code)) throw error
        if (IN_THE_WAY.has(code) && attempt < ATTEMPTS) continue
        return { relations: 0, ended: [], change: `rows could not be put back: ${String(error)}` }
      }
    }
  }
}

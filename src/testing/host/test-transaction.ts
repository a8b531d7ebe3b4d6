import { literal } from '../../sql/literal.ts'
import { DIRTY_SEQUENCES } from '../baseline/baseline-sql.ts'
import type { Engine } from '../server/engine.ts'
import { TransactionEngine } from '../server/transaction/transaction-engine.ts'

// A session's advisory locks outlive its transactions.
const UNLOCK = 'SELECT pg_advisory_unlock_all()'

/** The transaction that each test runs in, and what is put back after it besides. */
export class TestTransaction {
  /** What clients get. */
  readonly engine: TransactionEngine
  readonly #dirtySequences: string
  #isPublished = false

  /** @param dirtySequences - SQL whose rows are statements that put sequences back which were used. */
  constructor(engine: Engine, dirtySequences: string = DIRTY_SEQUENCES) {
    this.engine = new TransactionEngine(engine)
    this.#dirtySequences = dirtySequences
  }

  /** Something was committed in earnest: rolling back is not enough. */
  get isPublished(): boolean {
    return this.#isPublished || this.engine.isLost
  }

  /** A test begins. */
  begin(): void {
    this.engine.activate()
  }

  /** What clients do now is not a test's. */
  async end(): Promise<void> {
    await this.engine.rollBack()
    this.engine.deactivate()
    this.#isPublished = false
  }

  /** Commits what the test has done until now. No client may be in a transaction. */
  async publish(): Promise<void> {
    await this.engine.commit()
    this.#isPublished = true
  }

  /** Takes back what the test has done, and has sequences begin where they did: for the next test. */
  async rollBack(): Promise<void> {
    await this.engine.beginAgain(`${UNLOCK};${restoreSequences(this.#dirtySequences)}`)
  }
}

function restoreSequences(dirty: string): string {
  return `DO ${literal(`DECLARE statement text;
BEGIN FOR statement IN ${dirty} LOOP EXECUTE statement; END LOOP; END`)}`
}

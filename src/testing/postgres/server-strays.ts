import type { EndedTransaction } from '../baseline/server-baseline.ts'
import type { StrayReport } from '../host/protocol.ts'
import type { Stray } from '../server/stray.ts'

/** Tells what tests have left on a server, each thing once. */
export class ServerStrays {
  readonly #onStrays: (report: StrayReport) => void
  /** Connections that a test is known to have left busy. */
  #told: ReadonlySet<string> = new Set()

  constructor(onStrays: (report: StrayReport) => void) {
    this.#onStrays = onStrays
  }

  /** The test's process says what the test did not wait for. */
  tell(test: string | undefined, strays: readonly Stray[]): void {
    this.#told = new Set(strays.map(({ connection }) => connection))
    this.#onStrays({ test, strays })
  }

  /** A reset has ended these. */
  tellEnded(test: string | undefined, ended: readonly EndedTransaction[]): void {
    const strays = ended.map(strayOf).filter(({ connection }) => !this.#told.has(connection))
    this.#told = new Set()
    if (strays.length > 0) this.#onStrays({ test, strays })
  }
}

export function strayOf({ pid, active, application, query }: EndedTransaction): Stray {
  const name = application === '' ? '' : ` (${application})`
  const connection = pid === undefined ? 'no session' : `session ${pid}${name}`
  return { kind: active ? 'statement' : 'transaction', connection, query }
}

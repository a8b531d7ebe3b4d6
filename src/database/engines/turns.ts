import { setTimeout as sleep } from 'node:timers/promises'

interface Turn {
  over: Promise<void>
}

/** Milliseconds. */
const ASK_AGAIN_AFTER = 100

/** Lets one piece of work after the other have the connection. */
export class Turns {
  readonly #turns: Turn[] = []
  #cancelling: { readonly turn: Turn; readonly done: Promise<void> } | undefined

  /** Something runs, or waits for its turn. */
  get isBusy(): boolean {
    return this.#turns.length > 0
  }

  /** Resolves when everything asked for until now is over. */
  async idle(): Promise<void> {
    await this.#turns.at(-1)?.over
  }

  /** Does the work when its turn has come. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const turn: Turn = { over: this.idle() }
    const result = turn.over.then(async () => {
      // What is sent while a request to cancel something else is under way might be hit by it.
      if (this.#cancelling?.turn !== turn) await this.#cancelling?.done
      try {
        return await work()
      } finally {
        this.#turns.shift()
      }
    })
    const ignore = (): void => undefined
    turn.over = result.then(ignore, ignore)
    this.#turns.push(turn)
    return result
  }

  /**
   * Has the work whose turn it is cancelled, and waits until it is over.
   *
   * @param ask - Sends the request. It is sent again and again, because one that overtakes the statement
   *   it is meant for has no effect.
   */
  async cancel(ask: () => Promise<void>): Promise<void> {
    const turn = this.#turns[0]
    if (!turn) return
    if (this.#cancelling?.turn !== turn) this.#cancelling = { turn, done: askUntilOver(turn, ask) }
    await this.#cancelling.done
  }
}

async function askUntilOver(turn: Turn, ask: () => Promise<void>): Promise<void> {
  const over = turn.over.then(() => true)
  do await ask()
  while (!(await Promise.race([over, sleep(ASK_AGAIN_AFTER, false, { ref: false })])))
}

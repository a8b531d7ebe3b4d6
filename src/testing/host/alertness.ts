import { availableParallelism } from 'node:os'
import { performance } from 'node:perf_hooks'

// Milliseconds. Who has nothing else to do between two queries sends the next one within that; and a test does not
// notice when this is taken from it.
const MOMENT = 0.1

/** Counts the threads with a database in this process, which all see the count. */
export class ThreadCount {
  readonly buffer: SharedArrayBuffer
  readonly #count: Int32Array

  /** @param buffer - Of the count of another thread. */
  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer
    this.#count = new Int32Array(buffer)
  }

  add(change: 1 | -1): void {
    Atomics.add(this.#count, 0, change)
  }

  /** There are processors enough for each of them, and for each of those who use them. */
  get hasRoom(): boolean {
    return Atomics.load(this.#count, 0) * 2 <= PROCESSORS
  }
}

const PROCESSORS = availableParallelism()

/**
 * Keeps a thread awake for a moment after an answer, as the next query mostly follows at once: for a thread that
 * sleeps, being woken up takes longer than many a query. Where others would wait for the processor, it sleeps.
 */
export class Alertness {
  readonly #threads: ThreadCount
  #until = 0
  #isAwake = false

  constructor(threads: ThreadCount) {
    this.#threads = threads
  }

  get isAwake(): boolean {
    return this.#isAwake
  }

  /** From now on for a moment. */
  renew(): void {
    if (!this.#threads.hasRoom) return
    this.#until = performance.now() + MOMENT
    if (this.#isAwake) return
    this.#isAwake = true
    setImmediate(this.#look)
  }

  readonly #look = (): void => {
    this.#isAwake = performance.now() < this.#until
    if (this.#isAwake) setImmediate(this.#look)
  }
}

import { Worker } from 'node:worker_threads'

import { sharedEngineParts } from '../pglite/engine-parts.ts'
import type { BuildJob, BuiltSnapshots } from './build-snapshot.ts'
import { resultOf } from './run-in-thread.ts'

/** A thread that builds snapshots once. It loads while it is found out what it is to do; it must be ended. */
export class Builder {
  readonly #thread = new Worker(new URL('./builder-thread.js', import.meta.url))
  readonly #result = resultOf<BuiltSnapshots>(this.#thread)

  constructor() {
    // It may end before somebody asks.
    this.#result.catch(() => {})
  }

  /** @throws the error of a migration; {@link TestDatabaseError} `SNAPSHOT_FAILED` when the thread ended. */
  async build(job: Omit<BuildJob, 'parts'>): Promise<BuiltSnapshots> {
    const whole: BuildJob = { ...job, parts: await sharedEngineParts() }
    this.#thread.postMessage(whole)
    return await this.#result
  }

  async end(): Promise<void> {
    await this.#thread.terminate()
  }
}

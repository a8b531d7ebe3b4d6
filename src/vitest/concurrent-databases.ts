import { TestDatabaseError } from '../errors.ts'
import { modesOf } from '../testing/host/modes.ts'
import { currentFile } from './current-lease.ts'
import type { DatabaseLease } from './database-lease.ts'
import type { PluginContext } from './protocol.ts'

/** The databases of concurrent tests of one file, besides that which the others use one after the other. */
export class ConcurrentDatabases {
  readonly #context: PluginContext
  readonly #free: DatabaseLease[] = []
  #count = 0

  constructor(context: PluginContext) {
    this.#context = context
  }

  /**
   * A database for one test, in its baseline: one that another test has given back, or a further one.
   *
   * @param test - Its name, for messages.
   */
  async take(test: string): Promise<DatabaseLease> {
    const file = currentFile()
    if (file.base !== 0) throw seeded(test)
    const lease = this.#free.pop() ?? (await this.#open())
    await lease.reset(test)
    return lease
  }

  give(lease: DatabaseLease): void {
    this.#free.push(lease)
  }

  async #open(): Promise<DatabaseLease> {
    const { isolated } = this.#context
    // Its clients come later than its URL is known, and nobody else uses it.
    const modes = modesOf({ scope: 'worker', reset: 'auto' })
    const { DatabaseLease } = await import('./database-lease.ts')
    const lease = await DatabaseLease.open({ ...this.#context, modes }, undefined, ++this.#count)
    currentFile().closers.add(async () => lease.release(isolated))
    return lease
  }
}

function seeded(test: string): TestDatabaseError {
  return new TestDatabaseError('CONCURRENT_TESTS', {
    what: `"${test}" runs concurrently with others, and its file has a seed()`,
    why: 'what that made is in the database that the tests of the file share',
    fix: "remove .concurrent, or have the plugin's option `seed` make it",
  })
}

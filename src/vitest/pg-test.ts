import { inject } from 'vitest'

import { TestDatabaseError } from '../errors.ts'
import { modesOf, type ResetMode, type Scope } from '../testing/host/modes.ts'
import { currentFile } from './current-lease.ts'
import { CONTEXT_KEY } from './protocol.ts'

/** What one test file has otherwise than the plugin's options say. */
export interface PgTestOptions {
  /** For whom a database is that nobody has used; see the plugin's option. */
  readonly scope?: Scope
  /** What is put back before a test; see the plugin's option. */
  readonly reset?: ResetMode
  /** What becomes of concurrent tests that use a database; see the plugin's option. */
  readonly concurrent?: 'error' | 'clone'
}

/**
 * Sets options of the plugin for this test file, all of it. To be called at its top.
 *
 * @throws {TestDatabaseError} `PG_TEST_MISPLACED` in a hook or a test, and for a second call that says something
 *   else; `NOT_IN_VITEST` without the plugin.
 * @throws {ConfigError} `BAD_OPTION` for options that contradict each other, or those of the plugin.
 * @example
 * ```ts
 * pgTest({ reset: 'transaction' })
 *
 * test('works in a transaction', async () => {})
 * ```
 */
export function pgTest(options: PgTestOptions): void {
  const file = currentFile()
  if (!file.isLoading) {
    throw new TestDatabaseError('PG_TEST_MISPLACED', {
      what: 'pgTest() was called when tests had begun',
      why: 'its options are for all tests of a file, the first one included',
      fix: 'call it at the top of the file, outside of tests and hooks',
    })
  }
  for (const name of ['scope', 'reset', 'concurrent'] as const) {
    const [known, wanted] = [file.options[name], options[name]]
    if (known === undefined || wanted === undefined || known === wanted) continue
    throw new TestDatabaseError('PG_TEST_MISPLACED', {
      what: `pgTest() was called twice in one file, with ${name}: '${known}' and with ${name}: '${wanted}'`,
      why: 'its options are for all tests of a file, also when it is called in a describe',
      fix: 'call it once, or move the tests into files of their own',
    })
  }
  const chosen = { ...file.options, ...options }
  const modes = modesOf(chosen, inject(CONTEXT_KEY).modes)
  file.options = chosen
  if (options.scope === undefined && options.reset === undefined) return
  file.ready = file.ready.then(() => file.lease.setModes(modes))
  // Whoever waits for it is told.
  file.ready.catch(() => {})
}

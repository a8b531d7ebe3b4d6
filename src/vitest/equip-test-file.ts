import type * as Vitest from 'vitest'

import type { TestDatabaseError } from '../errors.ts'
import type { Stray } from '../testing/server/stray.ts'
import { beginFile, beginHooks, beginTest, endFile } from './current-lease.ts'
import { DatabaseLease } from './database-lease.ts'
import { FailureNotes } from './failure-notes.ts'
import { UrlGuard } from './foreign-url.ts'
import { setVariables } from './lease-variables.ts'
import { CONTEXT_KEY, type PluginContext } from './protocol.ts'

// What a first connection may wait for where nothing is cached: `initdb`, migrations, the engine's start.
const BOOT_TIME = 60_000

/** What is used of Vitest: whose setup file this is knows which one that is. */
export type VitestParts = Pick<
  typeof Vitest,
  'afterAll' | 'afterEach' | 'beforeAll' | 'beforeEach' | 'expect' | 'inject' | 'vi'
>

/**
 * Gets the database of a test file, and sets the hooks that put it back.
 *
 * The build makes one file of this and what it imports: it is loaded for every test file, also for those that use no
 * database. What only few of them need is imported when they do.
 */
export async function equipTestFile(vitest: VitestParts): Promise<void> {
  const { afterAll, afterEach, beforeAll, beforeEach, expect, inject, vi } = vitest
  const context = inject(CONTEXT_KEY)
  const lease = await DatabaseLease.open(context, expect.getState().testPath)

  // Before the test file and what it imports are loaded: a pool made at import time finds it.
  setVariables(lease.variables)
  beginFile(lease)
  const guard = context.allowExternal
    ? undefined
    : new UrlGuard(lease.variables['DATABASE_URL'] ?? '')

  if (!lease.quick) extendTimeouts(vi, context, BOOT_TIME)

  // What concurrent tests found when they began: there is no reset between them.
  const trafficBefore = new WeakMap<object, number>()

  const notes = new FailureNotes({
    lease,
    log: context.log,
    keep: context.keep,
    limit: context.hookTimeout,
  })

  let previous: Finished | undefined
  // The last test of this file that timed out: its code may still be running.
  let overdue: string | undefined

  beforeAll(beginHooks)

  beforeEach(async ({ task, onTestFailed }) => {
    await guard?.check()
    onTestFailed(() => notes.add(task, nameOf(task)))
    if (previous && isOverdue(previous)) overdue = previous.name
    previous = task
    beginTest()
    if (task.concurrent === true) trafficBefore.set(task, await lease.traffic())
    else await lease.reset(`${nameOf(task)}${suspicion(overdue)}`)
  })

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') {
      const { explainOutage } = await import('./outage.ts')
      await explainOutage(task, lease)
    } else await notes.forget(task, nameOf(task))
    if (context.failOnLeaks && task.concurrent !== true) {
      const [stray] = await lease.leaks()
      if (stray) throw await leak(task.name, stray)
    }
    const before = trafficBefore.get(task)
    if (before !== undefined && before !== (await lease.traffic()))
      throw await concurrentTests(task.name)
  })

  afterAll(async () => {
    await endFile()
    lease.release(context.isolated)
    // Without isolation the next file inherits the limits.
    if (!lease.quick) extendTimeouts(vi, context, 0)
  })
}

function extendTimeouts(
  vi: VitestParts['vi'],
  { testTimeout, hookTimeout }: PluginContext,
  by: number,
): void {
  vi.setConfig({
    testTimeout: testTimeout > 0 ? testTimeout + by : 0,
    hookTimeout: hookTimeout > 0 ? hookTimeout + by : 0,
  })
}

/** Nothing tells the statements of a test from those of one that timed out before it. */
function suspicion(name: string | undefined): string {
  return name === undefined ? '' : ` (or "${name}", which timed out before it)`
}

interface Finished {
  readonly name: string
  readonly result?:
    | { readonly errors?: readonly { readonly message: string }[] | undefined }
    | undefined
}

function isOverdue({ result }: Finished): boolean {
  return result?.errors?.some(({ message }) => message.startsWith('Test timed out in ')) ?? false
}

interface Named {
  readonly name: string
  readonly suite?: Named | undefined
}

function nameOf(task: Named & { readonly file: { readonly name: string } }): string {
  return `${task.file.name} > ${fullName(task)}`
}

function fullName({ name, suite }: Named): string {
  return suite ? `${fullName(suite)} > ${name}` : name
}

async function concurrentTests(name: string): Promise<TestDatabaseError> {
  const { TestDatabaseError } = await import('../errors.ts')
  return new TestDatabaseError('CONCURRENT_TESTS', {
    what: `the database was used while "${name}" ran concurrently with other tests`,
    why: 'tests that run at the same time share one database, which cannot be reset between them',
    fix:
      "give each a database of its own: pgTest({ concurrent: 'clone' }) at the top of the file, and " +
      "{ db } of test from '@faasjs/pg/vitest' with db.url for the application; or remove .concurrent",
  })
}

async function leak(name: string, { kind, connection, query }: Stray): Promise<TestDatabaseError> {
  const { TestDatabaseError } = await import('../errors.ts')
  if (kind === 'statement') {
    return new TestDatabaseError('LEAKED_STATEMENT', {
      what: `the test "${name}" did not wait for a statement on ${connection}`,
      why: `it was still running when the test had ended: ${query}`,
      fix: 'await it, or have the code under test wait for it before the test ends',
    })
  }
  return new TestDatabaseError('LEAKED_TRANSACTION', {
    what: `the test "${name}" left a transaction open on ${connection}`,
    why: `its last query was: ${query}`,
    fix: 'end the transaction with COMMIT or ROLLBACK, and release its connection in a finally block',
    note: 'it was rolled back',
  })
}

import { TestDatabaseError } from '../errors.ts'
import type { Placeholders } from '../testing/author/stable.ts'
import type { ConcurrentDatabases } from './concurrent-databases.ts'
import type { DatabaseLease } from './database-lease.ts'
import type { PgTestOptions } from './pg-test.ts'

/** What a test file has while it runs. */
interface FileContext {
  readonly lease: DatabaseLease
  /** Called when the file has ended. */
  readonly closers: Set<() => Promise<void>>
  /** The snapshot that its tests begin with, 0 for the baseline. */
  base: number
  /** What is known of it: the key of the seeds that were run, '' for none; undefined when that is not known. */
  layer: string | undefined
  /** How many seeds are around what runs. */
  depth: number
  /** What `stable()` has replaced in the test that runs; undefined until it is called. */
  placeholders: Placeholders | undefined
  /** Of concurrent tests that have databases of their own. */
  databases?: ConcurrentDatabases
  /** What `pgTest` said. */
  options: PgTestOptions
  /** The file is loaded: no hook and no test of it has begun. */
  isLoading: boolean
  /** The database is as `pgTest` wants it. */
  ready: Promise<void>
}

// Vitest evaluates the setup file itself, Node what tests import from here: they share no module.
const KEY = Symbol.for('@faasjs/pg/file')
const shared = globalThis as { [KEY]?: FileContext | undefined }

/** A test file begins; for the setup file. */
export function beginFile(lease: DatabaseLease): void {
  shared[KEY] = {
    lease,
    closers: new Set(),
    base: 0,
    layer: '',
    depth: 0,
    placeholders: undefined,
    options: {},
    isLoading: true,
    ready: Promise.resolve(),
  }
}

/** The file has been loaded: its hooks and tests begin. */
export async function beginHooks(): Promise<void> {
  const file = shared[KEY]
  if (!file) return
  file.isLoading = false
  await file.ready
}

/** A test begins, or another attempt at it. */
export function beginTest(): void {
  if (shared[KEY]) shared[KEY].placeholders = undefined
}

/**
 * What `stable()` has replaced in the test that runs; undefined without the plugin.
 *
 * @param create - Called by the first one of a test.
 */
export function currentPlaceholders(create: () => Placeholders): Placeholders | undefined {
  const file = shared[KEY]
  return file && (file.placeholders ??= create())
}

/** The file has ended: what was opened in it is closed. */
export async function endFile(): Promise<void> {
  const closers = shared[KEY]?.closers ?? []
  shared[KEY] = undefined
  await Promise.all([...closers].map((close) => close()))
}

/** @throws {TestDatabaseError} `NOT_IN_VITEST` where no test file runs, or without the plugin. */
export function currentFile(): FileContext {
  const context = shared[KEY]
  if (context) return context
  throw new TestDatabaseError('NOT_IN_VITEST', {
    what: 'there is no test database here',
    why: 'it belongs to a test file that Vitest runs with the plugin',
    fix: "add the plugin to vitest.config.ts: plugins: [PgVitestPlugin()], from '@faasjs/pg/vitest'",
  })
}

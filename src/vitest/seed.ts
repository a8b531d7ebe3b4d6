import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, inject } from 'vitest'

import { messageOf, sqlStateOf } from '../database/engines/driver-error.ts'
import { FaasPgError, TestDatabaseError } from '../errors.ts'
import { statementOf } from '../testing/author/failed-statements.ts'
import { SEEDING } from '../testing/host/modes.ts'
import type { AuthorDb } from './author-db.ts'
import { type ClosedFunction, closedFunction } from './closed-function.ts'
import { currentFile } from './current-lease.ts'
import { CONTEXT_KEY } from './protocol.ts'

// One that is kept must not push out those around it.
const DEEPEST = 3

/** Makes what tests begin with. */
export type SeedWork = (db: AuthorDb) => unknown

export interface SeedOptions {
  /**
   * `false`: it runs anew for each file and worker. `true`: it is an error when it cannot be kept. Unless given,
   * it is kept when it can be.
   */
  readonly cache?: boolean
}

/** What a seed does, and what it is known by. */
interface Step {
  /** Undefined when it is not known what it depends on. */
  readonly key: string | undefined
  /** Files that it is made of, besides those that are imported. */
  readonly inputs: readonly string[]
  /** @returns whether it may be kept. */
  run(): Promise<boolean>
}

/** Has the tests around it begin with what a seed makes. See `seed` of the package. */
export function registerSeed(
  db: AuthorDb,
  work: SeedWork | string | URL | readonly (string | URL)[],
  { cache }: SeedOptions,
): void {
  let snapshot = 0
  let isKept = false
  let around = { base: 0, layer: '' as string | undefined }
  beforeAll(async () => {
    const file = currentFile()
    around = { base: file.base, layer: file.layer }
    file.depth++
    const step = typeof work === 'function' ? functionStep(db, work, cache) : await fileStep(work)
    if (step.inputs.length > 0) await file.lease.watch(step.inputs)
    // What is around it is a part of it.
    const isKeyed = step.key !== undefined && file.depth <= DEEPEST
    const key =
      isKeyed && cache !== false && around.layer !== undefined
        ? hash(`${around.layer} ${step.key}`)
        : undefined
    snapshot = key === undefined ? 0 : await file.lease.layer(key)
    isKept = snapshot > 0
    if (!isKept) {
      await file.lease.reset(SEEDING)
      const start = performance.now()
      const mayBeKept = await step.run()
      const duration = performance.now() - start
      snapshot = await file.lease.snapshot()
      if (key !== undefined && mayBeKept) {
        await file.lease.keep({ key, snapshot, duration })
        isKept = true
      }
    }
    file.base = snapshot
    file.layer = isKept ? key : undefined
    await file.lease.base(snapshot)
  })
  afterAll(async () => {
    const file = currentFile()
    file.depth--
    if (snapshot === 0) return
    file.base = around.base
    file.layer = around.layer
    await file.lease.base(around.base)
    if (!isKept) await file.lease.releaseSnapshot(snapshot)
  })
}

function functionStep(db: AuthorDb, work: SeedWork, cache: boolean | undefined): Step {
  const closed = cache === false ? undefined : closedFunction(work)
  return {
    key: closed?.text,
    inputs: [],
    async run() {
      if (closed && (await succeeds(db, closed))) return true
      if (cache === true) throw notClosed(closed?.reached)
      // Something of it may be there.
      await currentFile().lease.reset(SEEDING)
      try {
        await work(db)
      } catch (error) {
        throw failed(error)
      }
      return false
    },
  }
}

/** A failure is told by the function itself, which knows where it stands. */
async function succeeds(db: AuthorDb, closed: ClosedFunction): Promise<boolean> {
  try {
    await closed.run(db)
  } catch {
    return false
  }
  return closed.reached === undefined
}

async function fileStep(files: string | URL | readonly (string | URL)[]): Promise<Step> {
  const [{ seedInputs }, { runInThread }] = await Promise.all([
    import('../testing/cache/seed-inputs.ts'),
    import('../testing/host/run-in-thread.ts'),
  ])
  const { root } = inject(CONTEXT_KEY)
  const list = Array.isArray(files) ? (files as (string | URL)[]) : [files as string | URL]
  const paths = list.map((file) =>
    typeof file === 'string' && !file.startsWith('file:')
      ? resolve(root, file)
      : fileURLToPath(file),
  )
  const { key, files: inputs } = seedInputs(paths, root)
  return {
    key,
    inputs,
    async run() {
      // In a thread, where modules are loaded anew, whatever Vitest does with this one.
      await runInThread(new URL('../testing/seed/seed-thread.js', import.meta.url), {
        url: process.env['DATABASE_URL'],
        paths,
      })
      return true
    },
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

function failed(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof FaasPgError) return error
  const sqlState = sqlStateOf(error)
  const sql = statementOf(error)
  if (sqlState === undefined && sql === undefined) return error
  const report = new TestDatabaseError('SEED_FAILED', {
    what: 'a seed of this test file failed',
    sql,
    why: `${messageOf(error)}${sqlState === undefined ? '' : ` (SQLSTATE ${sqlState})`}`,
    fix: 'correct the statement: the line is below',
    note: 'no test of it runs: each begins with what the seed makes',
    details: { ...(sqlState !== undefined && { sqlState }) },
    cause: error,
  })
  // Where the file called what failed.
  if (error.stack !== undefined) report.stack = error.stack
  return report
}

function notClosed(reached: string | undefined): TestDatabaseError {
  return new TestDatabaseError('SEED_NOT_KEPT', {
    what: 'a seed with { cache: true } cannot be kept',
    why:
      reached === undefined
        ? 'it failed when it ran on its own, or is no function that can'
        : `it uses "${reached}", from outside of it`,
    fix: "put it into a file of its own: seed('test/seeds/accounts.ts')",
    details: { ...(reached !== undefined && { reached }) },
  })
}

import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { pathToFileURL } from 'node:url'

import { captureTrace, sourceLine } from '../../builder/recorded.ts'
import { queryError } from '../../builder/statement-error.ts'
import type { Executor, QueryResult, Session } from '../../database/database.ts'
import { FaasPgError, TestDatabaseError } from '../../errors.ts'
import { installTypeScript } from '../../migration/install-typescript.ts'
import { loadError } from '../../migration/load-error.ts'
import { MigrationDb } from '../../migration/migration-db.ts'
import { splitStatements } from '../../sql/split-statements.ts'
import type { Seed } from './seed.ts'

/**
 * Runs seeds one after the other, each in a transaction of its own.
 *
 * @param paths - Absolute.
 * @throws {TestDatabaseError} `SEED_FAILED` naming the file, and the line and SQL of a failed statement.
 */
export async function runSeeds(
  session: Pick<Session, 'transaction'>,
  paths: readonly string[],
): Promise<void> {
  for (const path of paths) {
    const work = path.endsWith('.sql') ? await sqlSeed(path) : await moduleSeed(path)
    try {
      await session.transaction(work)
    } catch (error) {
      throw seedError(path, error)
    }
  }
}

type Work = (transaction: Executor) => Promise<void>

async function sqlSeed(path: string): Promise<Work> {
  try {
    const statements = splitStatements(await readFile(path, 'utf8'))
    return async (transaction) => {
      for (const { sql, line } of statements) {
        await send(transaction, sql, undefined, () => `${shortPath(path)}:${line}`)
      }
    }
  } catch (error) {
    throw seedError(path, error)
  }
}

async function moduleSeed(path: string): Promise<Work> {
  const seed = seedOf(await importSeed(path))
  if (!seed) {
    throw new TestDatabaseError('SEED_FAILED', {
      what: `seed ${shortPath(path)} exports no function`,
      fix: 'export default async (db) => { … } — or: export async function seed(db) { … }',
      details: { file: path },
    })
  }
  return async (transaction) => {
    const db = new MigrationDb((sql, params) => {
      const trace = captureTrace()
      return send(transaction, sql, params, () => sourceLine(trace))
    })
    try {
      await seed(db)
    } finally {
      MigrationDb.seal(db, `seed ${shortPath(path)}`)
    }
  }
}

async function importSeed(path: string): Promise<unknown> {
  try {
    if (/\.[mc]?ts$/.test(path)) await installTypeScript()
    return await import(pathToFileURL(path).href)
  } catch (error) {
    throw seedError(path, await loadError({ name: shortPath(path), path }, error))
  }
}

/** By name, as the default, or inside the default of a CommonJS build. */
function seedOf(exports: unknown): Seed | undefined {
  let holder = exports
  for (let depth = 0; depth < 3; depth++) {
    if (typeof holder === 'function') return holder as Seed
    if (typeof holder !== 'object' || holder === null) return undefined
    const { seed, default: inner } = holder as { seed?: unknown; default?: unknown }
    if (typeof seed === 'function') return seed as Seed
    holder = inner
  }
  return undefined
}

async function send<Result>(
  transaction: Executor,
  sql: string,
  params: readonly unknown[] | undefined,
  source: () => string | undefined,
): Promise<QueryResult<Result>> {
  try {
    return await transaction.query<Result>(sql, params)
  } catch (error) {
    if (error instanceof FaasPgError) throw error
    throw queryError(error, sql, source(), {})
  }
}

/** One message for whatever went wrong in a seed. */
function seedError(path: string, error: unknown): TestDatabaseError {
  const file = shortPath(path)
  const place = placeOf(file, error)
  const at = place === undefined ? '' : ` at ${place}`
  const details = { file, ...(place !== undefined && { source: place }) }
  const note = 'no test runs: each begins with the rows of the seed'
  if (error instanceof FaasPgError) {
    return new TestDatabaseError('SEED_FAILED', {
      what: `seed ${file} failed${at}`,
      sql: error.sql,
      why: error.why ?? error.summary,
      fix: error.fix,
      note,
      details: { ...error.details, ...details },
      cause: error,
    })
  }
  return new TestDatabaseError('SEED_FAILED', {
    what: `seed ${file} threw${at}`,
    why: error instanceof Error ? `${error.name}: ${error.message}` : `it threw ${String(error)}`,
    fix: 'correct the seed',
    note,
    details,
    cause: error,
  })
}

function placeOf(file: string, error: unknown): string | undefined {
  if (!(error instanceof FaasPgError)) {
    return error instanceof Error ? sourceLine(error) : undefined
  }
  const { source, line } = error.details
  if (typeof source === 'string') return source
  return typeof line === 'number' ? `${file}:${line}` : undefined
}

function shortPath(path: string): string {
  const short = relative(process.cwd(), path)
  return short.startsWith('..') ? path : short
}

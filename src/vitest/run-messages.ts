import { relative } from 'node:path'

import type { TestProject, Vitest } from 'vitest/node'

import type { EarlyWritesReport, Outage, StrayReport } from '../testing/host/protocol.ts'
import type { Busy } from '../testing/host/pulse.ts'
import { memoryWarning } from './memory-warning.ts'
import { describeOutage } from './outage.ts'

/** What people are told of the databases of a project while its tests run. */
export class RunMessages {
  readonly #vitest: Vitest
  readonly #project: TestProject

  constructor(vitest: Vitest, project: TestProject) {
    this.#vitest = vitest
    this.#project = project
  }

  /** Fails the run with the migration's own error, once, and spares it the remaining files. */
  fail(error: Error): void {
    const { name } = this.#project
    const kind = name === '' ? 'Test Database Error' : `Test Database Error of ${name}`
    this.#vitest.state.catchError(withoutInternals(error), kind)
    void this.#vitest.cancelCurrentRun('test-failure')
  }

  tellNoMigrations(folder: string, isMissing: boolean): void {
    const path = relative(process.cwd(), folder)
    this.#warn(
      `${isMissing ? 'no folder' : 'no migrations in'} ${path}: test databases are empty. ` +
        'Create the first migration with: npx faasjs-pg new <name>',
    )
  }

  tellUnwritableCache(folders: readonly string[]): void {
    this.#warn(
      'the migrated database cannot be kept on disk, so every run migrates: none of ' +
        `${folders.join(', ')} can be written. Set FAASJS_PG_CACHE to a folder that can.`,
    )
  }

  /** A test that finds nothing of what its file wrote in beforeAll would be a riddle. */
  tellEarlyWrites({ test, tables, schema }: EarlyWritesReport): void {
    const [file] = test.split(' > ')
    const rows = tables.length > 0 ? `rows of ${tables.slice(0, 5).join(', ')}` : ''
    const written = [rows, schema ? 'the schema, roles or settings' : '']
      .filter(Boolean)
      .join(' and ')
    this.#warn(
      `${file} changed ${written} before its first test, in beforeAll or as it was loaded: that was put back, ` +
        'as every test begins with the baseline. Use seed(async (db) => …) from @faasjs/pg/vitest for the tests of this ' +
        'file, or PgVitestPlugin({ seed: … }) for all',
    )
  }

  tellStrays({ test, strays }: StrayReport): void {
    const culprit = test === undefined ? 'something before the first test' : `"${test}"`
    for (const { kind, connection, query } of strays) {
      this.#warn(
        kind === 'transaction'
          ? `${culprit} left a transaction open on ${connection}; it was rolled back. Its last query: ${query}`
          : `${culprit} did not wait for a statement on ${connection}: ${query}`,
      )
    }
  }

  tellRunaway({ test, duration, query }: Busy): void {
    const culprit = test === undefined ? 'something outside of tests' : `"${test}"`
    this.#warn(
      `${culprit} ran a statement that did not end in ${(duration / 1000).toFixed(1)} s; ` +
        `the database was replaced. Its query: ${query}`,
    )
  }

  tellOutage(outage: Outage): void {
    this.#warn(describeOutage(outage))
  }

  /** Whether there is enough of it for all workers. */
  tellMemory(): void {
    const warning = memoryWarning(this.#vitest, this.#project)
    if (warning !== undefined) this.#vitest.logger.warn(warning)
  }

  #warn(text: string): void {
    this.#vitest.logger.warn(`[@faasjs/pg] ${text}`)
  }
}

/** An error of this package says everything in its message: Vitest need not print how it came up. */
function withoutInternals(error: Error): Error {
  const { code } = error as { code?: unknown }
  if (typeof code !== 'string' || !code.startsWith('FAASJS_PG_')) return error
  const bare = new Error(error.message)
  bare.name = error.name
  bare.stack = `${error.name}: ${error.message}`
  return bare
}

import { availableParallelism } from 'node:os'
import { relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { TestProject, Vitest, VitestPluginContext } from 'vitest/node'

import { ConfigError } from '../errors.ts'
import { DEFAULT_FOLDER } from '../migration/source.ts'
import type { EngineOptions } from '../testing/choose-engine.ts'
import { modesOf, type ResetMode, type Scope } from '../testing/host/modes.ts'
import type { EarlyWritesReport, StrayReport } from '../testing/host/protocol.ts'
import type { Busy } from '../testing/host/pulse.ts'
import { assertHarmlessPreset } from '../testing/safety/assert-safe.ts'
import { seedPaths } from '../testing/seed/seed.ts'
import type { Transport } from '../testing/server/address.ts'
import { openTestDatabases } from '../testing/test-databases.ts'
import {
  expectEndedSessions,
  forgiveEndedSessions,
  type UnhandledErrorFilter,
} from './ended-sessions.ts'
import { widenProjectFilter } from './engine-filter.ts'
import { engineOptions, engineRuns, type EngineVariant } from './engine-runs.ts'
import { failedDatabases } from './failed-databases.ts'
import { FrontDesk } from './front-desk.ts'
import { type ResolvedViteConfig, warnUnlessInherited } from './inheritance-warning.ts'
import { memoryWarning } from './memory-warning.ts'
import { onEachEngine } from './on-each-engine.ts'
import { describeOutage } from './outage.ts'
import { ProjectDatabases } from './project-databases.ts'
import { CONTEXT_KEY } from './protocol.ts'
import { rerunOnEdit, watchInputs } from './rerun-on-edit.ts'
import { RunReport } from './run-report.ts'

export interface PgVitestOptions extends EngineOptions {
  /**
   * Runs every test on each of these, one engine after the other, and says at the end which tests differ: each is
   * `'pglite'`, `'postgres'`, or an object with options of its own. In place of `engine`.
   */
  readonly engines?: readonly ('pglite' | 'postgres' | EngineVariant)[]
  /**
   * Folder of the migrations, relative to the project's root. By default `src/db/migrations`; when
   * that does not exist, the databases are empty.
   */
  readonly migrations?: string
  /**
   * Files that run after the migrations, relative to the project's root: modules that export a function (`Seed`
   * of `@faasjs/pg/testing`), or `.sql` files. Every test begins with their rows. None unless given.
   */
  readonly seed?: string | readonly string[]
  /**
   * Keeps the migrated database on disk, so that the next run need not migrate; true unless given. The
   * environment variable `FAASJS_PG_CACHE` names the folder; otherwise it is in `node_modules/.cache`.
   */
  readonly cache?: boolean
  /**
   * For whom a database is that nobody has used. `'worker'`, the default: files use one after the other, put
   * back exactly between them. `'file'`: each file has one. `'test'`: each test has one, as after
   * `reset: 'full'` on PGlite and `'clone'` on a server. `DATABASE_URL` stays the same.
   */
  readonly scope?: Scope
  /**
   * What is put back before a test. `'auto'`, the default: what tests touched, and everything only after one
   * that changed the schema, roles or settings. `'full'`: everything, always; costs some milliseconds.
   * `'clone'`: the database is replaced by a new copy after each test that sent anything. `'transaction'`: a
   * test runs in one transaction, which is rolled back; the documentation lists what that changes. `'none'`:
   * nothing between the tests of a file.
   */
  readonly reset?: ResetMode
  /**
   * What becomes of concurrent tests that use a database. `'error'`, the default: they fail, as they would
   * share it. `'clone'`: each has one of its own, which the fixture `db` of this package's `test` leads to.
   */
  readonly concurrent?: 'error' | 'clone'
  /**
   * How `DATABASE_URL` leads to the database: `'tcp'`, the default, or `'socket'`, a Unix socket in a private
   * folder. Where TCP is not allowed, it is a socket in any case.
   */
  readonly connection?: Transport
  /**
   * What happens when a test leaves a transaction open, which is rolled back in any case, or a statement that it
   * does not wait for: `'warn'`, the default, names it; `'fail'` fails the test; `'ignore'` says nothing.
   */
  readonly leaks?: 'fail' | 'warn' | 'ignore'
  /**
   * Lets tests run although `DATABASE_URL` or `PGHOST` is set and leads to another machine, and lets a test file
   * change `DATABASE_URL`; false unless given. What looks like production is refused in any case.
   */
  readonly allowExternal?: boolean
  /**
   * `'failed'`, the default: what a test has sent to its database is recorded, and told when it fails. `false`:
   * nothing is recorded, also not for `db.queries()`.
   */
  readonly log?: 'failed' | false
  /**
   * What becomes of the database of a failed test. `'failed'`, the default where the environment variable `CI` is
   * not set: those of the first five are kept, for `npx faasjs-pg test open`; a number: of as many. `'never'`, the
   * default on CI: none.
   */
  readonly keep?: 'failed' | 'never' | number
  /**
   * One line at the end of a run about its databases, and one that names tests which changed more than rows;
   * true unless given. `'verbose'` lists all of these, with the reason.
   */
  readonly report?: boolean | 'verbose'
}

/** The part of a Vite plugin that is used here, so that any Vite version's type accepts it. */
export interface VitestPlugin {
  readonly name: string
  config(config: object): object | undefined | Promise<object | undefined>
  configResolved(config: ResolvedViteConfig): Promise<void>
  configureVitest(context: VitestPluginContext): Promise<void>
}

const SETUP_FILE = fileURLToPath(new URL('./setup.js', import.meta.url))

// Vitest may create one plugin per project or share one between them, depending on its version:
// what belongs to a run or a project is found by that, never kept in a plugin.
const frontDesks = new WeakMap<Vitest, FrontDesk>()
const equipped = new WeakSet<TestProject>()

/** See `PgVitestPlugin` of the package. */
export function createPlugin(options: PgVitestOptions): VitestPlugin {
  assertServable(options)
  // What makes no sense is an error, whether or not there is a project that uses it.
  const engines = engineRuns(options).map(({ name }) => name)
  return {
    name: '@faasjs/pg',
    config: ({ test = {} }: UserConfig) => ({
      test: { ...evaluatePerFile(test), onUnhandledError: forgiveEndedSessions(test) },
    }),
    configResolved: (config) => {
      if (engines.length > 1) widenProjectFilter(config, engines)
      return warnUnlessInherited(config)
    },
    async configureVitest({ project, vitest }) {
      if (equipped.has(project) || !runsInNode(project)) return
      equipped.add(project)
      await onEachEngine(project, vitest, options, (part, engine) =>
        equip(part, vitest, { ...options, ...engine }),
      )
    },
  }
}

/** From JavaScript, or where the types of an option are wider: pg-mem has no URL that clients could use. */
function assertServable(options: object): void {
  if (!('engine' in options) || options.engine !== 'pg-mem') return
  throw new ConfigError('ENGINE_CAPABILITY', {
    what: "the plugin cannot give a DATABASE_URL for the engine 'pg-mem'",
    why: 'pg-mem runs in the thread of the test, and its own server cannot run parameterised queries of "pg"',
    fix: 'remove the plugin, and make the database in a setup file: createMemoryDatabase() of @faasjs/pg/testing',
    note: 'docs/testing.md, section pg-mem, has the setup file',
  })
}

async function equip(
  project: TestProject,
  vitest: Vitest,
  options: PgVitestOptions,
): Promise<ProjectDatabases> {
  const { config } = project
  assertHarmlessPreset(process.env, {
    url: options.url,
    allowExternal: options.allowExternal ?? false,
    configured: config.env,
  })
  const folder = resolve(config.root, options.migrations ?? DEFAULT_FOLDER)
  const seeds = seedPaths(options.seed, config.root)
  const modes = modesOf(options)
  const desk = frontDesk(vitest)
  const report = new RunReport()
  const failed = failedDatabases(vitest, options.keep)
  const databases = new ProjectDatabases(
    await openTestDatabases({
      source: {
        folder,
        explicit: options.migrations !== undefined,
        seeds,
        root: config.root,
        cache: options.cache ?? true,
      },
      events: {
        onNoMigrations: (isMissing) => hintAtNoMigrations(vitest, folder, isMissing),
        onInputs: (paths) => watchInputs(vitest, paths),
        onFailure: (error) => failRun(vitest, error, project.name),
        onUnwritable: (folders) => hintAtUnwritableCache(vitest, folders),
      },
      engine: options,
      workers: workersOf(project, vitest) * databasesPerWorker(options, config.maxConcurrency),
      host: {
        log: options.log !== false,
        modes,
        connection: options.connection ?? 'tcp',
        queryLimit: longestWait(config),
        onStrays: (strays) => {
          if ((options.leaks ?? 'warn') === 'warn') warnOfStrays(vitest, strays)
        },
        onBooted: (warning) => {
          if (report.addBoot(warning) === 1 && databases.isInProcess) warnOfMemory(vitest, project)
        },
        onReset: (reset) => report.addReset(reset),
        onEarlyWrites: (report) => warnOfEarlyWrites(vitest, report),
        onRunaway: (busy) => warnOfRunaway(vitest, busy),
        onServer: () => expectEndedSessions(vitest),
        onOutage: (outage) => vitest.logger.warn(`[@faasjs/pg] ${describeOutage(outage)}`),
      },
    }),
    failed,
  )
  project.provide(CONTEXT_KEY, {
    address: await desk.listen(),
    token: desk.token,
    project: desk.add(databases),
    testTimeout: config.testTimeout,
    hookTimeout: config.hookTimeout,
    isolated: isIsolated(config),
    failOnLeaks: options.leaks === 'fail',
    allowExternal: options.allowExternal ?? false,
    root: config.root,
    log: options.log !== false,
    keep: failed !== undefined,
    folder,
    engine: engineOptions(options),
    concurrent: concurrencyOf(options),
    modes,
  })
  // First, and one after the other: whatever the user's own setup files do comes after the reset.
  config.setupFiles.unshift(SETUP_FILE)
  config.sequence.setupFiles = 'list'
  rerunOnEdit(vitest, { folder, seeds, databases })
  const { report: level = true } = options
  if (level !== false)
    reportAtEnd({ vitest, project, report, databases, isVerbose: level === 'verbose' })
  return databases
}

/** Whether each file has a worker of its own. */
function isIsolated({ pool, isolate, ...config }: TestProject['config']): boolean {
  if (pool !== 'forks' && pool !== 'threads') return false
  // Of Vitest 3.
  const { poolOptions } = config as { poolOptions?: Record<string, { isolate?: boolean }> }
  return isolate && poolOptions?.[pool]?.isolate !== false
}

interface Reporting {
  readonly vitest: Vitest
  readonly project: TestProject
  readonly report: RunReport
  readonly databases: ProjectDatabases
  readonly isVerbose: boolean
}

function reportAtEnd({ vitest, project, report, databases, isVerbose }: Reporting): void {
  vitest.config.reporters.push({
    onTestRunEnd: (
      modules: readonly { readonly project: TestProject; diagnostic(): { duration: number } }[],
    ) => {
      let testTime = 0
      for (const module of modules) {
        if (module.project === project) testTime += module.diagnostic().duration
      }
      const origins = databases.origin ? [databases.origin] : []
      const name = project.name ? `${project.name}: ` : ''
      for (const line of report.lines(databases.label, origins, testTime, isVerbose)) {
        vitest.logger.log(`[@faasjs/pg] ${name}${line}`)
      }
      report.clear()
    },
  })
}

// Sooner only for the reset after it: a test may have a longer timeout of its own.
const LONGEST_QUERY = 60_000

/** A statement that takes longer than any test has no one to wait for it. */
function longestWait({ testTimeout, hookTimeout }: TestProject['config']): number {
  return Math.max(LONGEST_QUERY, testTimeout, hookTimeout)
}

function warnOfRunaway(vitest: Vitest, { test, duration, query }: Busy): void {
  const culprit = test === undefined ? 'something outside of tests' : `"${test}"`
  vitest.logger.warn(
    `[@faasjs/pg] ${culprit} ran a statement that did not end in ${(duration / 1000).toFixed(1)} s; ` +
      `the database was replaced. Its query: ${query}`,
  )
}

interface UserConfig {
  readonly test?: {
    readonly server?: { readonly deps?: { readonly inline?: unknown } }
    readonly onUnhandledError?: UnhandledErrorFilter
  }
}

/**
 * Has Vitest process the setup file itself. Under `node_modules` Node would load it: once per worker, so
 * that without isolation its hooks were missing from the second file on.
 */
function evaluatePerFile({ server }: NonNullable<UserConfig['test']>): object {
  // The user has everything processed already.
  if (server?.deps?.inline === true) return {}
  const path = SETUP_FILE.replaceAll('\\', '/').replaceAll(/[.+*?^${}()|[\]\\]/g, '\\$&')
  return { server: { deps: { inline: [new RegExp(`${path}$`)] } } }
}

function concurrencyOf({ concurrent = 'error' }: PgVitestOptions): 'error' | 'clone' {
  if (concurrent === 'error' || concurrent === 'clone') return concurrent
  throw new ConfigError('BAD_OPTION', {
    what: `"${String(concurrent)}" is no value of the option "concurrent"`,
    fix: 'use one of error, clone',
  })
}

/** Each concurrent test may have one of its own. */
function databasesPerWorker(options: PgVitestOptions, maxConcurrency: number): number {
  return concurrencyOf(options) === 'clone' ? 1 + maxConcurrency : 1
}

/** How many test files run at a time, at most: not all versions of Vitest say. */
function workersOf({ config }: TestProject, vitest: Vitest): number {
  const limit: number | undefined = config.maxWorkers ?? vitest.config.maxWorkers
  return limit !== undefined && limit > 0 ? limit : availableParallelism()
}

function runsInNode(project: TestProject): boolean {
  const { environment, browser } = project.config
  return !browser.enabled && environment !== 'jsdom' && environment !== 'happy-dom'
}

function frontDesk(vitest: Vitest): FrontDesk {
  let desk = frontDesks.get(vitest)
  if (!desk) {
    const created = new FrontDesk((paths) => watchInputs(vitest, paths))
    // Also before Vitest restarts, as it does for an edit of its configuration: then it needs another one.
    vitest.onClose(() => {
      frontDesks.delete(vitest)
      return created.close()
    })
    frontDesks.set(vitest, created)
    desk = created
  }
  return desk
}

/** Fails the run with the migration's own error, once, and spares it the remaining files. */
function failRun(vitest: Vitest, error: Error, project: string): void {
  const kind = project === '' ? 'Test Database Error' : `Test Database Error of ${project}`
  vitest.state.catchError(withoutInternals(error), kind)
  void vitest.cancelCurrentRun('test-failure')
}

function hintAtNoMigrations(vitest: Vitest, folder: string, isMissing: boolean): void {
  const path = relative(process.cwd(), folder)
  vitest.logger.warn(
    `[@faasjs/pg] ${isMissing ? 'no folder' : 'no migrations in'} ${path}: test databases are empty. ` +
      'Create the first migration with: npx faasjs-pg new <name>',
  )
}

function hintAtUnwritableCache(vitest: Vitest, folders: readonly string[]): void {
  vitest.logger.warn(
    `[@faasjs/pg] the migrated database cannot be kept on disk, so every run migrates: none of ` +
      `${folders.join(', ')} can be written. Set FAASJS_PG_CACHE to a folder that can.`,
  )
}

/** A test that finds nothing of what its file wrote in beforeAll would be a riddle. */
function warnOfEarlyWrites(vitest: Vitest, { test, tables, schema }: EarlyWritesReport): void {
  const [file] = test.split(' > ')
  const rows = tables.length > 0 ? `rows of ${tables.slice(0, 5).join(', ')}` : ''
  const written = [rows, schema ? 'the schema, roles or settings' : '']
    .filter(Boolean)
    .join(' and ')
  vitest.logger.warn(
    `[@faasjs/pg] ${file} changed ${written} before its first test, in beforeAll or as it was loaded: that was put back, ` +
      'as every test begins with the baseline. Use seed(async (db) => …) from @faasjs/pg/vitest for the tests of this ' +
      'file, or PgVitestPlugin({ seed: … }) for all',
  )
}

function warnOfMemory(vitest: Vitest, project: TestProject): void {
  const warning = memoryWarning(vitest, project)
  if (warning !== undefined) vitest.logger.warn(warning)
}

function warnOfStrays(vitest: Vitest, { test, strays }: StrayReport): void {
  const culprit = test === undefined ? 'something before the first test' : `"${test}"`
  for (const { kind, connection, query } of strays) {
    vitest.logger.warn(
      kind === 'transaction'
        ? `[@faasjs/pg] ${culprit} left a transaction open on ${connection}; it was rolled back. Its last query: ${query}`
        : `[@faasjs/pg] ${culprit} did not wait for a statement on ${connection}: ${query}`,
    )
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

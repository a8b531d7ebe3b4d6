import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { TestProject, Vitest, VitestPluginContext } from 'vitest/node'

import { ConfigError } from '../errors.ts'
import { DEFAULT_FOLDER } from '../migration/source.ts'
import { modesOf } from '../testing/host/modes.ts'
import { assertHarmlessPreset } from '../testing/safety/assert-safe.ts'
import { seedPaths } from '../testing/seed/seed.ts'
import { openTestDatabases } from '../testing/test-databases.ts'
import {
  expectEndedSessions,
  forgiveEndedSessions,
  type UnhandledErrorFilter,
} from './ended-sessions.ts'
import { widenProjectFilter } from './engine-filter.ts'
import { engineOptions, engineRuns } from './engine-runs.ts'
import { failedDatabases } from './failed-databases.ts'
import { FrontDesk } from './front-desk.ts'
import { type ResolvedViteConfig, warnUnlessInherited } from './inheritance-warning.ts'
import { onEachEngine } from './on-each-engine.ts'
import type { PgVitestOptions } from './plugin-options.ts'
import { ProjectDatabases } from './project-databases.ts'
import { CONTEXT_KEY } from './protocol.ts'
import { rerunOnEdit, watchInputs } from './rerun-on-edit.ts'
import { RunMessages } from './run-messages.ts'
import { RunReport } from './run-report.ts'

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
  const messages = new RunMessages(vitest, project)
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
        onNoMigrations: (isMissing) => messages.tellNoMigrations(folder, isMissing),
        onInputs: (paths) => watchInputs(vitest, paths),
        onFailure: (error) => messages.fail(error),
        onUnwritable: (folders) => messages.tellUnwritableCache(folders),
      },
      engine: options,
      workers: workersOf(project, vitest) * databasesPerWorker(options, config.maxConcurrency),
      host: {
        log: options.log !== false,
        modes,
        connection: options.connection ?? 'tcp',
        queryLimit: longestWait(config),
        onStrays: (strays) => {
          if ((options.leaks ?? 'warn') === 'warn') messages.tellStrays(strays)
        },
        onBooted: (warning) => {
          if (report.addBoot(warning) === 1 && databases.isInProcess) messages.tellMemory()
        },
        onReset: (reset) => report.addReset(reset),
        onEarlyWrites: (report) => messages.tellEarlyWrites(report),
        onRunaway: (busy) => messages.tellRunaway(busy),
        onServer: () => expectEndedSessions(vitest),
        onOutage: (outage) => messages.tellOutage(outage),
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
    onTestRunEnd: async (
      modules: readonly { readonly project: TestProject; diagnostic(): { duration: number } }[],
    ) => {
      await databases.report()
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

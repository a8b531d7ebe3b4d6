// Leans on how projects of Vitest 3 to 5 are made inside. Vitest itself makes those of a browser's instances
// and of benchmarks like this: siblings of a project that share its Vite server, with another name.
import type { TestProject, Vitest } from 'vitest/node'

import { ConfigError } from '../errors.ts'
import { engineProjectName, isSelected } from './engine-filter.ts'

interface Constructor {
  /** Of Vitest 5. */
  _spawnSibling?(parent: TestProject, config: TestProject['config']): TestProject
  /** Of Vitest 3 and 4. */
  _cloneBrowserProject?(parent: TestProject, config: TestProject['config']): TestProject
}

interface Hooks {
  _initializeGlobalSetup?(): Promise<void>
  _teardownGlobalSetup?(): Promise<void>
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] }

/** The part of a project that runs on one engine. */
export interface ProjectPart<Run> {
  readonly project: TestProject
  readonly run: Run
}

/**
 * Puts siblings in the place of a project, one for each engine that `--project` does not leave out: `unit`
 * becomes `unit (pglite)` and `unit (postgres)`. They run in that order, and only the first one writes snapshots.
 *
 * @throws {ConfigError} `ENGINE_CAPABILITY` with a Vitest in which that cannot be done.
 */
export async function splitProject<Run extends { readonly name: string }>(
  project: TestProject,
  vitest: Vitest,
  runs: readonly Run[],
): Promise<ProjectPart<Run>[]> {
  // Vitest is going through its list, and calls a hook for each.
  await Promise.resolve()
  const parts = runs
    .filter(({ name }) => isSelected(vitest, project.name, name))
    .map((run, index) => ({ project: sibling(project, vitest, run.name, index), run }))
  const siblings = parts.map((part) => part.project)
  // In place: Vitest 3 has the list twice.
  const at = vitest.projects.indexOf(project)
  if (at !== -1) vitest.projects.splice(at, 1, ...siblings)
  return parts
}

function sibling(project: TestProject, vitest: Vitest, name: string, index: number): TestProject {
  const { config } = project
  const { typecheck, sequence } = config
  const copy: Writable<TestProject['config']> = {
    ...config,
    name: engineProjectName(project.name, name),
    setupFiles: [...config.setupFiles],
    sequence: { ...sequence, groupOrder: groupOrder(project, vitest, index) },
  }
  if (index > 0) {
    // Types are the same on every engine.
    copy.typecheck = { ...typecheck, enabled: false }
  }
  const made = create(project, vitest, copy)
  if (index > 0) keepFromWriting(made)
  shareContext(project, made)
  shareGlobalSetup(project, made)
  return made
}

function create(project: TestProject, vitest: Vitest, config: TestProject['config']): TestProject {
  const constructor = project.constructor as Constructor
  if (constructor._spawnSibling) return constructor._spawnSibling(project, config)
  if (constructor._cloneBrowserProject) return constructor._cloneBrowserProject(project, config)
  throw new ConfigError('ENGINE_CAPABILITY', {
    what: `the option "engines" does not work with Vitest ${vitest.version}`,
    why: 'a project cannot be run twice in it',
    fix: 'leave it out, and run Vitest once with FAASJS_PG_ENGINE=pglite and once with FAASJS_PG_ENGINE=postgres',
  })
}

/** What a global setup provides is meant for all of them. */
function shareContext(project: TestProject, sibling: TestProject): void {
  const own: Record<string, unknown> = {}
  const { provide } = sibling
  sibling.provide = (key, value) => {
    provide(key, value)
    own[key] = value
  }
  sibling.getProvidedContext = () => ({ ...project.getProvidedContext(), ...own })
}

/** Of two that write snapshots into one file, the later one would win, or spoil it. */
function keepFromWriting(sibling: TestProject): void {
  // What workers get. Vitest 3 takes this setting from the root, and `u` in watch mode changes it for all.
  const read = (): TestProject['serializedConfig'] =>
    Reflect.get(Object.getPrototypeOf(sibling) as object, 'serializedConfig', sibling)
  Object.defineProperty(sibling, 'serializedConfig', {
    get: () => {
      const config = read()
      return { ...config, snapshotOptions: { ...config.snapshotOptions, updateSnapshot: 'none' } }
    },
  })
}

// Projects whose global setup has been taken down.
const ended = new WeakSet<TestProject>()

/** Runs once for all of them: it may listen on a port. */
function shareGlobalSetup(project: TestProject, sibling: TestProject): void {
  const [origin, copy] = [project as Hooks, sibling as Hooks]
  if (!origin._initializeGlobalSetup || !origin._teardownGlobalSetup) return
  copy._initializeGlobalSetup = () => origin._initializeGlobalSetup?.() ?? Promise.resolve()
  copy._teardownGlobalSetup = async () => {
    // Vitest itself sees to that of the root.
    if (project.isRootProject() || ended.has(project)) return
    ended.add(project)
    await origin._teardownGlobalSetup?.()
  }
}

// Vitest makes a list of this length. In Vitest 3 they are compared as texts.
const FIRST_ORDER = 900
const orders = new WeakMap<Vitest, Map<string, number>>()

/**
 * Engines one after the other: what the first one writes into a snapshot, the next one reads. Projects in one
 * group need the same number of workers.
 */
function groupOrder({ config }: TestProject, vitest: Vitest, index: number): number {
  const { groupOrder: base } = config.sequence
  // Not all versions say.
  const maxWorkers = (config.maxWorkers as number | undefined) ?? vitest.config.maxWorkers
  // Files that run one at a time come last, unless they have an order.
  const comesLast = base === 0 && maxWorkers === 1
  if (index === 0 && !comesLast) return base
  const known = orders.get(vitest) ?? new Map<string, number>()
  orders.set(vitest, known)
  const key = JSON.stringify([index, base, maxWorkers])
  const order = known.get(key) ?? Math.max(FIRST_ORDER, base + 1) + known.size
  known.set(key, order)
  return order
}

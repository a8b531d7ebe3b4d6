import { statSync } from 'node:fs'
import { relative } from 'node:path'

import type { TestModule, TestProject, Vitest } from 'vitest/node'

import { describeDifferences, type Outcome } from './engine-differences.ts'

/** A project that was split, on one of its engines. */
export interface ComparedProject {
  readonly project: TestProject
  readonly name: string
  /** The engine with its version, when somebody has connected. */
  readonly label: () => string
}

/** Says at the end of a run which tests ended otherwise on one engine than on another. */
export function compareEngines(
  vitest: Vitest,
  name: string,
  compared: readonly ComparedProject[],
): void {
  const followers = new Set(compared.slice(1).map(({ project }) => project))
  let start = 0
  vitest.config.reporters.push({
    onTestRunStart: () => {
      start = Date.now()
    },
    onTestModuleQueued: (module: TestModule) => {
      if (followers.has(module.project)) readAgain(vitest, module, start)
    },
    onTestRunEnd: (modules: readonly TestModule[]) => {
      const engines = compared.map(({ project, label }) => ({
        label: label(),
        // Those of a merged report belong to projects of their own, of the same name.
        outcomes: modules
          .filter((module) => module.project.name === project.name)
          .flatMap(outcomesOf),
      }))
      const [first, ...lines] = describeDifferences(distinct(engines, compared))
      if (first === undefined) return
      const prefix = name === '' ? '' : `${name}: `
      vitest.logger.log(['', `[@faasjs/pg] ${prefix}${first}`, ...lines].join('\n'))
    },
  })
}

/** Two servers of one version need their names. */
function distinct<T extends { readonly label: string }>(
  engines: readonly T[],
  compared: readonly ComparedProject[],
): T[] {
  const isTwice = new Set(engines.map(({ label }) => label)).size < engines.length
  if (!isTwice) return [...engines]
  return engines.map((engine, index) => ({
    ...engine,
    label: `${compared[index]?.name} (${engine.label})`,
  }))
}

function outcomesOf(module: TestModule): Outcome[] {
  const file = relative(module.project.config.root, module.moduleId).replaceAll('\\', '/')
  const outcomes: Outcome[] = []
  // What keeps all of its tests from running is an outcome, too.
  const [broken] = module.errors()
  if (broken) outcomes.push({ test: `${file} (the file itself)`, state: 'failed', error: broken })
  for (const test of module.children.allTests()) {
    const { state, errors } = test.result()
    if (state === 'pending') continue
    outcomes.push({ test: `${file} > ${test.fullName}`, state, error: errors?.[0] })
  }
  return outcomes
}

/** A file in which the first engine has written an inline snapshot is another one for the next. */
function readAgain(vitest: Vitest, { moduleId }: TestModule, since: number): void {
  const written = statSync(moduleId, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (written >= since) vitest.invalidateFile(moduleId)
}

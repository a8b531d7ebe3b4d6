import type { TestProject, Vitest } from 'vitest/node'

import type { EngineOptions } from '../testing/choose-engine.ts'
import { compareEngines } from './compare-engines.ts'
import { splitProject } from './engine-projects.ts'
import { engineRuns, type EnginesOption } from './engine-runs.ts'
import { shardTogether } from './shard-together.ts'

/**
 * Equips a project, or what it becomes on each of several engines.
 *
 * @param equip - Gives a project its databases, on one engine.
 */
export async function onEachEngine(
  project: TestProject,
  vitest: Vitest,
  options: EnginesOption,
  equip: (project: TestProject, engine: EngineOptions) => Promise<{ readonly label: string }>,
): Promise<void> {
  const runs = engineRuns(options)
  if (runs.length === 1) {
    for (const { engine } of runs) await equip(project, engine)
    return
  }
  const { name } = project
  const compared = []
  for (const { project: part, run } of await splitProject(project, vitest, runs)) {
    const databases = await equip(part, run.engine)
    compared.push({ project: part, name: run.name, label: () => databases.label })
  }
  if (compared.length < 2) return
  shardTogether(
    vitest,
    compared.map(({ project: part }) => part),
  )
  compareEngines(vitest, name, compared)
}

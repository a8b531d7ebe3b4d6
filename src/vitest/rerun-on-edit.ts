import { join, sep } from 'node:path'

import type { Vitest } from 'vitest/node'

import type { ProjectDatabases } from './project-databases.ts'

export interface Watched {
  /** Of its migrations. */
  readonly folder: string
  readonly seeds: readonly string[]
  readonly databases: ProjectDatabases
}

// What was said of each rerun: projects may share their migrations.
const said = new WeakMap<Vitest, Set<string>>()

/** Migrations and seeds are no modules of the tests: Vitest must be told that an edit concerns them. */
export function rerunOnEdit(vitest: Vitest, { folder, seeds, databases }: Watched): void {
  if (!vitest.config.watch) return
  trigger(vitest, `${exactly(folder)}/**`)
  watchInputs(vitest, seeds)
  let reruns = 0
  const known = said.get(vitest) ?? new Set<string>()
  said.set(vitest, known)
  vitest.onTestsRerun(async () => {
    reruns++
    const changes = await databases.renewIfStale()
    const key = `${reruns} ${changes?.join(', ')}`
    if (changes && changes.length > 0 && !known.has(key)) {
      known.add(key)
      vitest.logger.log(`[@faasjs/pg] ${changes.join(', ')}: test databases are made anew`)
    }
  })
  // A deleted file makes Vitest forget it, no more; any other path in the folder makes it run the tests.
  vitest.vite.watcher.on('unlink', (path) => {
    const isMigration = slashes(path).startsWith(`${slashes(folder)}/`)
    if (!isMigration && !vitest.config.forceRerunTriggers.includes(exactly(path))) return
    vitest.vite.watcher.emit('change', join(folder, 'deleted'))
  })
}

/** What migrations and seeds import, and what they read, concerns every test as well. */
export function watchInputs(vitest: Vitest, paths: readonly string[]): void {
  if (!vitest.config.watch) return
  for (const path of paths) {
    // Packages are not edited, and their folder is not watched.
    if (path.split(sep).includes('node_modules')) continue
    if (trigger(vitest, exactly(path))) vitest.vite.watcher.add(path)
  }
}

function trigger(vitest: Vitest, pattern: string): boolean {
  const { forceRerunTriggers } = vitest.config
  if (forceRerunTriggers.includes(pattern)) return false
  forceRerunTriggers.push(pattern)
  return true
}

function slashes(path: string): string {
  return path.replaceAll('\\', '/')
}

/** A pattern that only this path matches. */
function exactly(path: string): string {
  return slashes(path).replaceAll(/[()[\]{}!*?+@]/g, String.raw`\$&`)
}

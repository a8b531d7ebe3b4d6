import { freemem } from 'node:os'

import type { TestProject, Vitest } from 'vitest/node'

// Bytes, measured: what the first database of a run needs, and what each further one does, its worker aside.
const FIRST = 200 * 2 ** 20
const FURTHER = 65 * 2 ** 20

/** Says so when the databases of all workers may not fit into memory. To be asked when the first one boots. */
export function memoryWarning(vitest: Vitest, project: TestProject): string | undefined {
  const workers = workersOf(vitest, project)
  const needed = FIRST + (workers - 1) * FURTHER
  const free = freeMemory()
  if (needed <= free) return undefined
  return (
    `[@faasjs/pg] ${workers} workers with a database each need about ${megabytes(needed)}, and ` +
    `${megabytes(free)} are free: set maxWorkers in the configuration of Vitest, for example to ` +
    `${Math.max(1, Math.floor((free - FIRST) / FURTHER) + 1)}`
  )
}

/** As many as may run at a time: no more than there are files. */
function workersOf({ config, state }: Vitest, project: TestProject): number {
  const most = project.config.maxWorkers ?? config.maxWorkers
  return Math.max(1, Math.min(most || Infinity, state.getPaths().length || Infinity))
}

/** What a container may use counts where Node knows it. */
function freeMemory(): number {
  const { availableMemory } = process as { availableMemory?: () => number }
  return availableMemory?.() ?? freemem()
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`
}

import type { Vitest } from 'vitest/node'

/** What the project of an engine is called. */
export function engineProjectName(project: string, engine: string): string {
  return project === '' ? engine : `${project} (${engine})`
}

// What was asked for with `--project`, by the list that Vitest got in its place.
const asked = new WeakMap<object, readonly string[]>()

/** Where Vitest keeps `--project` while it reads its configuration: in 3 and 4, and in 5. */
interface ProjectFilters {
  readonly _vitest?: { project?: unknown }
  readonly test?: { project?: unknown }
}

/**
 * Vitest leaves out projects that `--project` does not name before their engines are known: what names an engine
 * is made to name its project as well.
 */
export function widenProjectFilter(config: object, engines: readonly string[]): void {
  const { _vitest, test } = config as ProjectFilters
  for (const holder of [_vitest, test]) {
    if (holder?.project === undefined) continue
    const patterns = toList(holder.project)
    const bases = patterns.flatMap((pattern) =>
      engines.flatMap((engine) => baseOf(pattern, engine) ?? []),
    )
    if (bases.length === 0) continue
    const widened = [...patterns, ...bases]
    asked.set(widened, patterns)
    holder.project = widened
  }
}

/** Whether `--project` leaves an engine of a project in. */
export function isSelected(vitest: Vitest, project: string, engine: string): boolean {
  const { project: given } = vitest.config as { project?: unknown }
  const patterns = asked.get(Object(given)) ?? toList(given)
  const name = engineProjectName(project, engine)
  const isNamed = (pattern: string): boolean => matches(pattern, name) || matches(pattern, project)
  const excluding = patterns.filter((pattern) => pattern.startsWith('!'))
  if (excluding.some((pattern) => isNamed(pattern.slice(1)))) return false
  const including = patterns.filter((pattern) => !pattern.startsWith('!'))
  return including.length === 0 || including.some(isNamed)
}

/** The project that a pattern means when it means one of its engines. */
function baseOf(pattern: string, engine: string): string | undefined {
  if (pattern.startsWith('!')) return undefined
  if (pattern === engine) return ''
  const suffix = `(${engine})`
  if (!pattern.endsWith(suffix)) return undefined
  const base = pattern.slice(0, -suffix.length).trimEnd()
  // It would bring in projects that have no engines.
  return base === '*' ? undefined : base
}

function matches(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(name)
}

function toList(patterns: unknown): readonly string[] {
  if (typeof patterns === 'string') return [patterns]
  return Array.isArray(patterns) ? (patterns as string[]) : []
}

import { missingPeer } from '../database/missing-peer.ts'

/** The parts of Vite's resolved configuration that are used here. */
export interface ResolvedViteConfig {
  readonly test?: { readonly projects?: readonly unknown[] }
  readonly logger: { warn(message: string): void }
}

interface InlineProject {
  readonly extends?: unknown
  readonly plugins?: unknown
}

// From here on projects inherit the plugins of the root unless they say otherwise.
const INHERITED_BY_DEFAULT = 5

/** Says so when the plugin is at the root of a configuration whose projects are all without it. */
export async function warnUnlessInherited({ test, logger }: ResolvedViteConfig): Promise<void> {
  const projects = test?.projects ?? []
  if (projects.length === 0) return
  const { version } = await import('vitest/node').catch((error: unknown) => {
    throw missingPeer('vitest', 'PgVitestPlugin() needs the package "vitest"', error)
  })
  const byDefault = Number.parseInt(version, 10) >= INHERITED_BY_DEFAULT
  if (projects.some((project) => mayInherit(project, byDefault))) return
  logger.warn(
    '[@faasjs/pg] PgVitestPlugin() is at the root, and no project inherits it: write "extends: true" in the ' +
      'projects that use test databases, or list the plugin there',
  )
}

/** Of a file, a pattern or a function it is not known here. */
function mayInherit(project: unknown, byDefault: boolean): boolean {
  if (typeof project !== 'object' || project === null || project instanceof Promise) return true
  const { extends: base, plugins } = project as InlineProject
  return plugins !== undefined || (base === undefined ? byDefault : base !== false)
}

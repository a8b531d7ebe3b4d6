import { existsSync } from 'node:fs'

import { MigrationInputs } from './migration-inputs.ts'

/** What seeds are made of. */
export interface SeedInputs {
  /** The same for the same seeds; undefined when it cannot be known what they depend on, or one is missing. */
  readonly key: string | undefined
  /** Absolute paths of the seeds, and of what they import and name. */
  readonly files: readonly string[]
}

/**
 * Reads what seeds are made of.
 *
 * @param paths - Absolute.
 * @param root - The folder that relative paths in them may start from.
 */
export function seedInputs(paths: readonly string[], root: string): SeedInputs {
  const found = paths.filter((path) => existsSync(path))
  const inputs = new MigrationInputs(root)
  const key = inputs.hash(found)
  return {
    key: found.length < paths.length ? undefined : key,
    files: [...new Set([...paths, ...inputs.files])],
  }
}

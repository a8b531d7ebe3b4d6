import { existsSync } from 'node:fs'

import { MigrationInputs } from './migration-inputs.ts'

/**
 * What seeds are known by: their files, and those that they import or name.
 *
 * @param paths - Absolute.
 * @param root - The folder that relative paths in them may start from.
 * @returns undefined when it cannot be known what they depend on, or one is missing.
 */
export function seedKey(paths: readonly string[], root: string): string | undefined {
  if (!paths.every((path) => existsSync(path))) return undefined
  return new MigrationInputs(root).hash(paths)
}

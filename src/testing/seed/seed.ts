import { resolve } from 'node:path'

import type { MigrationDb } from '../../migration/migration-db.ts'

/**
 * What a seed module exports, as its default or under the name `seed`: it writes the rows that every test
 * begins with. May be async: it is awaited. Everything runs in one transaction.
 *
 * @example
 * ```ts
 * import type { Seed } from '@faasjs/pg/testing'
 *
 * export const seed: Seed = async (db) => {
 *   await db.insert('users', { name: 'Ada' })
 * }
 * ```
 */
export type Seed = (db: MigrationDb) => unknown

/** The option `seed` as absolute paths. */
export function seedPaths(option: string | readonly string[] | undefined, root: string): string[] {
  const paths = typeof option === 'string' ? [option] : (option ?? [])
  return paths.map((path) => resolve(root, path))
}

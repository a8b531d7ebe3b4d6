import { expect } from 'vitest'

import type { Database } from '../../src/database/database.ts'
import { migrate, migrateDown } from '../../src/migration/define-migration-source.ts'
import type { Migration, MigrationDirection } from '../../src/migration/define-migration.ts'
import { catalog } from './catalog.ts'
import { emptyDatabase } from './check-sql.ts'

/** What a user of another tool writes here in its place: a migration, and what it leads to. */
export interface Feature<Seen> extends Omit<Migration, 'name'> {
  /** What is there already, as a migration before it. */
  readonly before?: MigrationDirection
  /** Looks at what has become of the database. */
  readonly look: (database: Database) => Promise<Seen>
  /** Part of the error that says why there is no way back. Default: there is one, and it is exact. */
  readonly irreversible?: string
}

/**
 * Applies a migration on every engine, looks at the result, takes it back, compares the catalog with
 * the one before it, and applies it again. Says what was seen, which must be the same everywhere.
 */
export async function applyFeature<Seen>(
  engines: readonly Database[],
  { before, look, irreversible, ...migration }: Feature<Seen>,
): Promise<Seen> {
  expect(engines.length).toBeGreaterThan(1)
  const found: Seen[] = []
  for (const database of engines) {
    await emptyDatabase(database)
    const first: Migration = { name: '1-before', up: before ?? [] }
    const migrations = [first, { name: '2-feature', ...migration }]
    await migrate({ database, migrations: [first] })
    const old = await catalog(database)

    const { applied } = await migrate({ database, migrations })
    expect(applied.map(({ name }) => name)).toEqual(['2-feature'])
    const changed = await catalog(database)
    found.push(await look(database))
    expect(found.at(-1)).toEqual(found[0])

    if (irreversible !== undefined) {
      await expect(migrateDown({ database, migrations })).rejects.toThrow(irreversible)
      continue
    }
    await migrateDown({ database, migrations })
    expect(await catalog(database), `undone on ${database.label}`).toEqual(old)
    await migrate({ database, migrations })
    expect(await catalog(database), `done again on ${database.label}`).toEqual(changed)
  }
  return found[0] as Seen
}

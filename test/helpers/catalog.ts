import type { Executor } from '../../src/database/database.ts'
import { OBJECTS } from './catalog-objects.ts'
import { TABLES } from './catalog-tables.ts'
import { TYPES } from './catalog-types.ts'

/**
 * What is called what, each piece as a line of JSON. Sorting is left to JavaScript: planning forty sorts
 * takes PostgreSQL longer than reading the catalog.
 */
export type Catalog = Readonly<Record<string, readonly string[]>>

const CATALOG = Object.entries({ ...TABLES, ...TYPES, ...OBJECTS })
  .map(
    ([section, query]) => `SELECT '${section}' AS section, item::text FROM (${query}) AS _ (item)`,
  )
  .join('\nUNION ALL\n')

/** What the user's schemas contain, in a stable order; the order of columns does not count. */
export async function catalog(database: Executor): Promise<Catalog> {
  const { rows } = await database.query<{ section: string; item: string }>(CATALOG)
  const found: Record<string, string[]> = {}
  for (const { section, item } of rows) (found[section] ??= []).push(item)
  for (const items of Object.values(found)) items.sort()
  return found
}

import type { Executor } from '../../src/database/database.ts'
import { OBJECTS } from './catalog-objects.ts'
import type { Since } from './catalog-parts.ts'
import { TABLES } from './catalog-tables.ts'
import { TYPES } from './catalog-types.ts'

/**
 * What is called what, each piece as a line of JSON. Sorting is left to JavaScript: planning forty sorts
 * takes PostgreSQL longer than reading the catalog.
 */
export type Catalog = Readonly<Record<string, readonly string[]>>

function catalogSql(version: number): string {
  const since: Since = (major, sql) => (version >= major ? sql : 'NULL')
  return [TABLES, TYPES, OBJECTS]
    .flatMap((sections) => Object.entries(sections(since)))
    .map(
      ([section, query]) =>
        `SELECT '${section}' AS section, item::text FROM (${query}) AS _ (item)`,
    )
    .join('\nUNION ALL\n')
}

const queries = new WeakMap<Executor, string>()

/** What the user's schemas contain, in a stable order; the order of columns does not count. */
export async function catalog(database: Executor): Promise<Catalog> {
  const query = queries.get(database) ?? catalogSql(await majorOf(database))
  queries.set(database, query)
  const { rows } = await database.query<{ section: string; item: string }>(query)
  const found: Record<string, string[]> = {}
  for (const { section, item } of rows) (found[section] ??= []).push(item)
  for (const items of Object.values(found)) items.sort()
  return found
}

/** The major version of a server. */
export async function majorOf(database: Executor): Promise<number> {
  const { rows } = await database.query<{ major: number }>(
    `SELECT current_setting('server_version_num')::int / 10000 AS major`,
  )
  return rows[0]?.major ?? 0
}

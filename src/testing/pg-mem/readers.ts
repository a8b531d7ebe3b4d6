import type { Catalog } from './catalog.ts'
import type { Table } from './catalog.ts'
import { type Context, Parameters, type Place, type Readers } from './context.ts'
import { expression } from './expression.ts'
import { selectQuery } from './select.ts'

const READERS: Readers = { expression, query: selectQuery }

/** What a statement is read against. */
export function contextOf(
  catalog: Catalog,
  values: readonly (string | null)[] = [],
  now: Date = new Date(0),
): Context {
  const parameters = new Parameters(values)
  return { readers: READERS, catalog, parameters, now, subqueries: new Map() }
}

/** Where the expressions of constraints and indexes stand. */
export function placeIn(table: Table, catalog: Catalog): Place {
  const context = contextOf(catalog)
  return { context, scope: { sources: [{ alias: table.name, columns: table.columns }] } }
}

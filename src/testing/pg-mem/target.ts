import { type Column, columnOf, type Table } from './catalog.ts'
import type { Context } from './context.ts'
import type { Sequences } from './sequences.ts'
import { fail, publicName, refuse } from './sql-node.ts'
import type { Store } from './store.ts'

/** What is written to, besides the context of the statement. */
export interface Target {
  readonly store: Store
  readonly sequences: Sequences
}

export function tableOf(node: unknown, context: Context): Table {
  const name = publicName(node)
  if (context.catalog.views.has(name)) refuse('writing to a view is not emulated')
  return context.catalog.tables.get(name) ?? fail('42P01', `relation "${name}" does not exist`)
}

export function targetColumn(table: Table, name: string): Column {
  return (
    columnOf(table, name) ??
    fail('42703', `column "${name}" of relation "${table.name}" does not exist`)
  )
}

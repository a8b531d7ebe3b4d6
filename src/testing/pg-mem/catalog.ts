import type { ColumnType } from './column-type.ts'
import type { Stored } from './literal-value.ts'
import type { SqlNode } from './sql-node.ts'

// What the database contains, as a value: a change makes another one, and a rollback is the old one.

/** What a column gets that a statement leaves out. */
export type ColumnDefault =
  | { readonly kind: 'value'; readonly value: Stored }
  | { readonly kind: 'now' }
  | { readonly kind: 'uuid' }
  /** Numbers come from here, whether as a serial column or as an identity. */
  | { readonly kind: 'sequence'; readonly sequence: string }

export interface Column {
  readonly name: string
  readonly type: ColumnType
  readonly isNotNull: boolean
  readonly default?: ColumnDefault
  readonly identity?: 'always' | 'by default'
}

/** A primary key, a unique constraint or a unique index. */
export interface UniqueKey {
  readonly name: string
  /** An `index` is partial or computes something, a `unique index` is plain. */
  readonly kind: 'primary key' | 'unique' | 'unique index' | 'index'
  readonly columns: readonly string[]
  /** Of a partial or expression index: as it was written. */
  readonly index?: SqlNode
}

export interface ForeignKey {
  readonly name: string
  readonly columns: readonly string[]
  readonly table: string
  readonly references: readonly string[]
  readonly onDelete: 'no action' | 'restrict' | 'cascade' | 'set null'
}

export interface Check {
  readonly name: string
  readonly expression: SqlNode
}

export interface Table {
  readonly name: string
  readonly columns: readonly Column[]
  readonly uniques: readonly UniqueKey[]
  readonly checks: readonly Check[]
  readonly foreignKeys: readonly ForeignKey[]
  /** Indexes that enforce nothing: they have a name, and columns that must exist. */
  readonly indexes: readonly { readonly name: string; readonly columns: readonly string[] }[]
}

export interface Catalog {
  readonly tables: ReadonlyMap<string, Table>
  /** By name, with their values. */
  readonly enums: ReadonlyMap<string, readonly string[]>
  /** By name, with the query as it was written. */
  readonly views: ReadonlyMap<string, SqlNode>
}

export const EMPTY_CATALOG: Catalog = { tables: new Map(), enums: new Map(), views: new Map() }

/** A map with one entry changed; undefined removes it. */
export function withEntry<T>(
  map: ReadonlyMap<string, T>,
  name: string,
  value: T | undefined,
): ReadonlyMap<string, T> {
  const changed = new Map(map)
  if (value === undefined) changed.delete(name)
  else changed.set(name, value)
  return changed
}

export function columnOf(table: Table, name: string): Column | undefined {
  return table.columns.find((column) => column.name === name)
}

/** The tables whose rows refer to this one, itself left out. */
export function referrersOf(catalog: Catalog, name: string): Table[] {
  return [...catalog.tables.values()].filter(
    (table) => table.name !== name && table.foreignKeys.some((key) => key.table === name),
  )
}

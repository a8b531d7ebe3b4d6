import type { Row, Rows } from './build-memory.ts'
import {
  type Catalog,
  type Column,
  columnOf,
  referrersOf,
  type Table,
  withEntry,
} from './catalog.ts'
import { isSameType, readType } from './column-type.ts'
import type { Context } from './context.ts'
import {
  addColumn,
  addConstraint,
  assertCheck,
  columnsIn,
  draftOf,
  type Draft,
  withDefault,
} from './define-table.ts'
import type { Sequences } from './sequences.ts'
import {
  child,
  children,
  fail,
  nameOf,
  only,
  publicName,
  refuse,
  type SqlNode,
} from './sql-node.ts'

/** A catalog and its rows after a change. */
export interface Changed {
  readonly catalog: Catalog
  readonly rows: Rows
  /** The table whose rows a constraint could refuse. */
  readonly table?: string
}

/** ALTER TABLE: another catalog, and the rows brought into its form. */
export function alterTable(
  node: SqlNode,
  context: Context,
  rows: Rows,
  sequences: Sequences,
): Changed {
  only(node, 'ALTER TABLE', ['table', 'changes', 'ifExists', 'only'])
  const target = child(node, 'table')
  only(target, 'ALTER TABLE', ['name', 'schema'])
  const name = publicName(target)
  if (!context.catalog.tables.has(name)) {
    if (node['ifExists']) return { catalog: context.catalog, rows }
    fail('42P01', `relation "${name}" does not exist`)
  }
  assertNoView(context.catalog, name)
  return children(node, 'changes').reduce<Changed>(
    (state, change) => {
      const inside = { ...context, catalog: state.catalog }
      return alter(change, state.table ?? name, inside, state.rows, sequences)
    },
    { catalog: context.catalog, rows, table: name },
  )
}

/** A view would have to change with its table, or stop the change. */
export function assertNoView(catalog: Catalog, table: string): void {
  for (const [view, query] of catalog.views) {
    if (JSON.stringify(query).includes(`"name":${JSON.stringify(table)}`)) {
      refuse(`a change of the table "${table}", which the view "${view}" may read, is not emulated`)
    }
  }
}

function alter(
  node: SqlNode,
  name: string,
  context: Context,
  rows: Rows,
  sequences: Sequences,
): Changed {
  const { catalog } = context
  const table = catalog.tables.get(name) as Table
  const own = rows.get(name) ?? []
  const draft = draftOf(table)
  const result = (changed: Table, changedRows: readonly Row[] = own): Changed => ({
    catalog: { ...catalog, tables: withEntry(catalog.tables, name, changed) },
    rows: withEntry(rows, name, changedRows),
    table: name,
  })
  switch (node.type) {
    case 'add column':
      return result(draft, columnAdded(node, draft, own, context, sequences))
    case 'drop column':
      return result(...columnDropped(node, draft, own, catalog))
    case 'rename column':
      return columnRenamed(node, table, rows, catalog)
    case 'rename':
      return tableRenamed(node, table, rows, catalog)
    case 'alter column':
      return result(columnAltered(node, draft, own, context))
    case 'add constraint': {
      only(node, 'ADD CONSTRAINT', ['constraint'])
      addConstraint(draft, child(node, 'constraint'), catalog)
      const checks = draft.checks.slice(table.checks.length)
      for (const check of checks) assertCheck(draft, check, catalog)
      for (const { name: column, isNotNull } of draft.columns) {
        if (isNotNull) assertNoNull(draft, column, own)
      }
      return result(draft)
    }
    case 'drop constraint':
      return result(constraintDropped(node, draft, catalog))
    case 'rename constraint':
      return result(constraintRenamed(node, draft))
    default:
      return refuse(`ALTER TABLE … ${node.type ?? ''} is not emulated`)
  }
}

function columnAdded(
  node: SqlNode,
  draft: Draft,
  rows: readonly Row[],
  context: Context,
  sequences: Sequences,
): readonly Row[] {
  only(node, 'ADD COLUMN', ['column', 'ifNotExists'])
  const definition = child(node, 'column')
  if (node['ifNotExists'] && columnOf(draft, nameOf(definition['name']))) return rows
  const later = addColumn(draft, definition, context)
  for (const constraint of later) addConstraint(draft, constraint, context.catalog)
  for (const check of draft.checks) assertCheck(draft, check, context.catalog)
  const column = columnOf(draft, nameOf(definition['name'])) as Column
  const changed = rows.map((row) => ({
    ...row,
    [column.name]: sequences.defaultOf(column, context.now),
  }))
  if (column.isNotNull) assertNoNull(draft, column.name, changed)
  return changed
}

function assertNoNull(table: Table, column: string, rows: readonly Row[]): void {
  if (rows.every((row) => (row[column] ?? null) !== null)) return
  fail('23502', `column "${column}" of relation "${table.name}" contains null values`, {
    table: table.name,
    column,
  })
}

function found(draft: Table, name: string): Column {
  return (
    columnOf(draft, name) ??
    fail('42703', `column "${name}" of relation "${draft.name}" does not exist`)
  )
}

function columnDropped(
  node: SqlNode,
  draft: Draft,
  rows: readonly Row[],
  catalog: Catalog,
): [Table, readonly Row[]] {
  only(node, 'DROP COLUMN', ['column', 'ifExists', 'behaviour'])
  const name = nameOf(node['column'])
  if (node['ifExists'] && !columnOf(draft, name)) return [draft, rows]
  found(draft, name)
  assertNoReference(draft, name, catalog)
  if (draft.columns.length === 1) refuse('a table without columns is not emulated')
  const isFree = (columns: readonly string[]): boolean => !columns.includes(name)
  const table: Table = {
    name: draft.name,
    columns: draft.columns.filter((column) => column.name !== name),
    // What a column is in goes with it.
    uniques: draft.uniques.filter(({ columns, index }) =>
      isFree([...columns, ...columnsIn(index)]),
    ),
    checks: draft.checks.filter(({ expression }) => isFree(columnsIn(expression))),
    foreignKeys: draft.foreignKeys.filter(({ columns }) => isFree(columns)),
    indexes: draft.indexes.filter(({ columns }) => isFree(columns)),
  }
  return [table, rows.map((row) => without(row, name))]
}

function without(row: Row, column: string): Row {
  return Object.fromEntries(Object.entries(row).filter(([name]) => name !== column))
}

function assertNoReference(table: Table, column: string, catalog: Catalog): void {
  const others = [...referrersOf(catalog, table.name), table]
  const isReferenced = others.some(({ foreignKeys }) =>
    foreignKeys.some((key) => key.table === table.name && key.references.includes(column)),
  )
  if (isReferenced)
    refuse(`a change of "${column}", which a foreign key refers to, is not emulated`)
}

function columnRenamed(node: SqlNode, table: Table, rows: Rows, catalog: Catalog): Changed {
  only(node, 'RENAME COLUMN', ['column', 'to'])
  const [from, to] = [nameOf(node['column']), nameOf(node['to'])]
  found(table, from)
  if (columnOf(table, to))
    fail('42701', `column "${to}" of relation "${table.name}" already exists`)
  const expressions = table.checks.map(({ expression }) => expression)
  const indexes = table.uniques.map(({ index }) => index)
  if (columnsIn([...expressions, ...indexes]).includes(from)) {
    refuse(`renaming "${from}", which a check or an index computes with, is not emulated`)
  }
  const renamed = (name: string): string => (name === from ? to : name)
  const changed: Table = {
    ...table,
    columns: table.columns.map((column) => ({ ...column, name: renamed(column.name) })),
    uniques: table.uniques.map((key) => ({ ...key, columns: key.columns.map(renamed) })),
    foreignKeys: table.foreignKeys.map((key) => ({ ...key, columns: key.columns.map(renamed) })),
    indexes: table.indexes.map((index) => ({ ...index, columns: index.columns.map(renamed) })),
  }
  const tables = [...withEntry(catalog.tables, table.name, changed)].map(([name, each]) => {
    const foreignKeys = each.foreignKeys.map((key) =>
      key.table === table.name ? { ...key, references: key.references.map(renamed) } : key,
    )
    return [name, { ...each, foreignKeys }] as const
  })
  const own = (rows.get(table.name) ?? []).map(({ [from]: value, ...row }) => ({
    ...row,
    [to]: value,
  }))
  return {
    catalog: { ...catalog, tables: new Map(tables) },
    rows: withEntry(rows, table.name, own),
    table: table.name,
  }
}

function tableRenamed(node: SqlNode, table: Table, rows: Rows, catalog: Catalog): Changed {
  only(node, 'RENAME', ['to'])
  const to = nameOf(node['to'])
  assertNewRelation(catalog, to)
  const tables = new Map(
    [...catalog.tables].map(([name, each]) => {
      const foreignKeys = each.foreignKeys.map((key) =>
        key.table === table.name ? { ...key, table: to } : key,
      )
      const isThis = name === table.name
      return [isThis ? to : name, { ...each, foreignKeys, ...(isThis && { name: to }) }] as const
    }),
  )
  const moved = withEntry(withEntry(rows, table.name, undefined), to, rows.get(table.name) ?? [])
  return { catalog: { ...catalog, tables }, rows: moved, table: to }
}

/** Tables, views and indexes share their names. */
export function assertNewRelation(catalog: Catalog, name: string): void {
  if (Buffer.byteLength(name) > 63) refuse(`the name "${name}" is longer than 63 bytes`)
  const isTaken =
    catalog.tables.has(name) ||
    catalog.views.has(name) ||
    [...catalog.tables.values()].some(({ uniques, indexes }) =>
      [...uniques, ...indexes].some((each) => each.name === name),
    )
  if (isTaken) fail('42P07', `relation "${name}" already exists`)
}

function columnAltered(node: SqlNode, draft: Draft, rows: readonly Row[], context: Context): Table {
  only(node, 'ALTER COLUMN', ['column', 'alter'])
  const name = nameOf(node['column'])
  const column = found(draft, name)
  const change = child(node, 'alter')
  const with1 = (altered: Column): Table => ({
    ...draft,
    columns: draft.columns.map((each) => (each === column ? altered : each)),
  })
  const isPrimary = draft.uniques.some(
    ({ kind, columns }) => kind === 'primary key' && columns.includes(name),
  )
  switch (change.type) {
    case 'set not null':
      assertNoNull(draft, name, rows)
      return with1({ ...column, isNotNull: true })
    case 'drop not null':
      if (isPrimary) fail('42P16', `column "${name}" is in a primary key`)
      if (column.identity)
        fail('42601', `column "${name}" of relation "${draft.name}" is an identity column`)
      return with1({ ...column, isNotNull: false })
    case 'set default':
      only(change, 'SET DEFAULT', ['default', 'updateExisting'])
      if (column.identity) refuse('a default of an identity column')
      return with1(withDefault(column, child(change, 'default'), context))
    case 'drop default': {
      if (column.identity) refuse('DROP DEFAULT of an identity column')
      const { default: _, ...rest } = column
      return with1(rest)
    }
    case 'set type': {
      only(change, 'TYPE', ['dataType'])
      const type = readType(child(change, 'dataType'), context.catalog.enums)
      if (isSameType(type, column.type)) return draft
      if (rows.length > 0) refuse('a new type for a column of a table with rows is not emulated')
      if (column.default || draft.checks.length > 0 || draft.foreignKeys.length > 0) {
        refuse('a new type for a column beside defaults, checks or foreign keys is not emulated')
      }
      assertNoReference(draft, name, context.catalog)
      if (draft.uniques.some(({ index, columns }) => index ?? columns.includes(name))) {
        refuse('a new type for a column of a key is not emulated')
      }
      if (!isKnownCast(column, type.name)) refuse('this change of a type is not emulated')
      return with1({ ...column, type })
    }
    default:
      return refuse(`ALTER COLUMN … ${change.type ?? ''} is not emulated`)
  }
}

const NUMBERS = ['smallint', 'integer', 'bigint', 'numeric', 'double precision']

/** Casts that need no USING. */
function isKnownCast({ type }: Column, to: string): boolean {
  if (to === 'text' || to === 'character varying') return type.name !== 'enum' || to === 'text'
  return NUMBERS.includes(type.name) && NUMBERS.includes(to)
}

function constraintDropped(node: SqlNode, draft: Draft, catalog: Catalog): Table {
  only(node, 'DROP CONSTRAINT', ['constraint', 'ifExists', 'behaviour'])
  const name = nameOf(node['constraint'])
  const all = [
    ...draft.uniques.filter(({ kind }) => !kind.endsWith('index')),
    ...draft.checks,
    ...draft.foreignKeys,
  ]
  if (!all.some((each) => each.name === name)) {
    if (node['ifExists']) return draft
    fail('42704', `constraint "${name}" of relation "${draft.name}" does not exist`)
  }
  const key = draft.uniques.find((each) => each.name === name)
  for (const column of key?.columns ?? []) assertNoReference(draft, column, catalog)
  const isOther = (each: { readonly name: string }): boolean => each.name !== name
  return {
    ...draft,
    uniques: draft.uniques.filter(isOther),
    checks: draft.checks.filter(isOther),
    foreignKeys: draft.foreignKeys.filter(isOther),
  }
}

function constraintRenamed(node: SqlNode, draft: Draft): Table {
  only(node, 'RENAME CONSTRAINT', ['constraint', 'to'])
  const [from, to] = [nameOf(node['constraint']), nameOf(node['to'])]
  const all = [...draft.uniques, ...draft.checks, ...draft.foreignKeys]
  if (!all.some(({ name }) => name === from)) {
    fail('42704', `constraint "${from}" for table "${draft.name}" does not exist`)
  }
  if (all.some(({ name }) => name === to)) {
    fail('42710', `constraint "${to}" for relation "${draft.name}" already exists`)
  }
  const renamed = <T extends { readonly name: string }>(each: T): T =>
    each.name === from ? { ...each, name: to } : each
  return {
    ...draft,
    uniques: draft.uniques.map(renamed),
    checks: draft.checks.map(renamed),
    foreignKeys: draft.foreignKeys.map(renamed),
  }
}

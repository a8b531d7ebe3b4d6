import { alterTable, assertNewRelation, assertNoView, type Changed } from './alter-table.ts'
import type { Rows } from './build-memory.ts'
import { type Catalog, columnOf, referrersOf, type Table, withEntry } from './catalog.ts'
import { printType } from './column-type.ts'
import { condition } from './condition.ts'
import type { Context } from './context.ts'
import { columnsIn, defineTable } from './define-table.ts'
import { expression } from './expression.ts'
import { placeIn } from './readers.ts'
import { selectQuery } from './select.ts'
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
import { typedAlone } from './typed.ts'

/** What a change of the schema needs. */
export interface Surroundings {
  readonly context: Context
  readonly rows: Rows
  readonly sequences: Sequences
}

/** The tags of the commands, by the name of the parser. */
export const DDL: Readonly<Record<string, string>> = {
  'create table': 'CREATE',
  'alter table': 'ALTER',
  'drop table': 'DROP',
  'create index': 'CREATE',
  'drop index': 'DROP',
  'create enum': 'CREATE',
  'alter enum': 'ALTER',
  'drop type': 'DROP',
  'create view': 'CREATE',
  comment: 'COMMENT',
  'truncate table': 'TRUNCATE',
}

/** Another catalog, and its rows. */
export function changeSchema(node: SqlNode, around: Surroundings): Changed {
  const { context, rows, sequences } = around
  const { catalog } = context
  const unchanged = (changed: Catalog): Changed => ({ catalog: changed, rows })
  switch (node.type) {
    case 'create table': {
      const name = publicName(node['name'])
      if (node['ifNotExists'] && catalog.tables.has(name)) return unchanged(catalog)
      assertNewRelation(catalog, name)
      const table = defineTable(node, context)
      for (const key of table.uniques) assertNewRelation(catalog, key.name)
      return unchanged({ ...catalog, tables: withEntry(catalog.tables, name, table) })
    }
    case 'alter table':
      return alterTable(node, context, rows, sequences)
    case 'drop table':
      return dropTables(node, catalog, rows)
    case 'create index':
      return createIndex(node, catalog, rows)
    case 'drop index':
      return unchanged(dropIndexes(node, catalog))
    case 'create enum':
      return unchanged(createEnum(node, catalog))
    case 'alter enum':
      return unchanged(alterEnum(node, catalog))
    case 'drop type':
      return unchanged(dropTypes(node, catalog))
    case 'create view':
      return unchanged(createView(node, context))
    case 'comment':
      assertCommented(node, catalog)
      return unchanged(catalog)
    case 'truncate table':
      return truncate(node, around)
    default:
      return refuse(`${node.type ?? 'this statement'} is not emulated`)
  }
}

function dropTables(node: SqlNode, catalog: Catalog, rows: Rows): Changed {
  only(node, 'DROP TABLE', ['names', 'ifExists', 'cascade'])
  const names = children(node, 'names').map(publicName)
  const dropped = names.filter((name) => {
    if (catalog.tables.has(name)) return true
    return node['ifExists'] ? false : fail('42P01', `table "${name}" does not exist`)
  })
  const isCascade = node['cascade'] === 'cascade'
  for (const name of dropped) {
    assertNoView(catalog, name)
    const others = referrersOf(catalog, name).filter((table) => !dropped.includes(table.name))
    if (others.length > 0 && !isCascade) {
      fail('2BP01', `cannot drop table ${name} because other objects depend on it`)
    }
  }
  const tables = [...catalog.tables.values()]
    .filter(({ name }) => !dropped.includes(name))
    .map((table) => ({
      ...table,
      foreignKeys: table.foreignKeys.filter((key) => !dropped.includes(key.table)),
    }))
  return {
    catalog: { ...catalog, tables: new Map(tables.map((table) => [table.name, table])) },
    rows: new Map([...rows].filter(([name]) => !dropped.includes(name))),
  }
}

function createIndex(node: SqlNode, catalog: Catalog, rows: Rows): Changed {
  const parts = ['table', 'using', 'expressions', 'where', 'unique', 'ifNotExists', 'indexName']
  only(node, 'CREATE INDEX', [...parts, 'concurrently'])
  const tableName = publicName(node['table'])
  const table = catalog.tables.get(tableName)
  if (!table) return fail('42P01', `relation "${tableName}" does not exist`)
  const expressions = children(node, 'expressions')
  const columns = expressions.flatMap((part) => columnsIn(part['expression']))
  const given = node['indexName'] as SqlNode | undefined
  const name = given ? nameOf(given) : `${tableName}_${columns.join('_')}_idx`
  const isThere = [...catalog.tables.values()].some(({ uniques, indexes }) =>
    [...uniques, ...indexes].some((each) => each.name === name),
  )
  if (node['ifNotExists'] && isThere) return { catalog, rows }
  if (!given && (isThere || catalog.tables.has(name))) refuse('an index needs a name')
  assertNewRelation(catalog, name)
  if (columns.length === 0) refuse('an index without columns is not emulated')
  const place = placeIn(table, catalog)
  // An index that is not unique only makes queries faster: it is noted, and must make sense.
  const using = node['using'] as SqlNode | undefined
  for (const part of expressions) {
    const isPlain = node['unique'] ?? false
    only(part, 'CREATE INDEX', ['expression', 'order', 'nulls', ...(isPlain ? [] : ['opclass'])])
    const { type } = typedAlone(expression(child(part, 'expression'), place))
    if (!using && ['json', 'array'].includes(type.name)) refuse(`an index over ${printType(type)}`)
  }
  const where = node['where'] as SqlNode | undefined
  if (where) condition(where, place)
  if (!node['unique']) {
    const changed = { ...table, indexes: [...table.indexes, { name, columns }] }
    return { catalog: { ...catalog, tables: withEntry(catalog.tables, tableName, changed) }, rows }
  }
  if (using && nameOf(using) !== 'btree') refuse(`a unique index with ${nameOf(using)}`)
  const isPlain = !where && expressions.every((part) => child(part, 'expression').type === 'ref')
  const unique = { name, kind: isPlain ? 'unique index' : 'index', columns } as const
  const key = isPlain ? unique : { ...unique, index: node }
  const changed: Table = { ...table, uniques: [...table.uniques, key] }
  const tables = withEntry(catalog.tables, tableName, changed)
  return { catalog: { ...catalog, tables }, rows, table: tableName }
}

function dropIndexes(node: SqlNode, catalog: Catalog): Catalog {
  only(node, 'DROP INDEX', ['names', 'ifExists', 'cascade', 'concurrently'])
  return children(node, 'names')
    .map(publicName)
    .reduce((state, name) => dropIndex(name, Boolean(node['ifExists']), state), catalog)
}

function dropIndex(name: string, ifExists: boolean, catalog: Catalog): Catalog {
  const table = [...catalog.tables.values()].find(({ uniques, indexes }) =>
    [...uniques, ...indexes].some((each) => each.name === name),
  )
  if (!table) return ifExists ? catalog : fail('42704', `index "${name}" does not exist`)
  const key = table.uniques.find((each) => each.name === name)
  if (key && !key.kind.endsWith('index')) {
    fail(
      '2BP01',
      `cannot drop index ${name} because constraint ${name} on table ${table.name} requires it`,
    )
  }
  const isOther = (each: { readonly name: string }): boolean => each.name !== name
  const uniques = table.uniques.filter(isOther)
  const changed = { ...table, uniques, indexes: table.indexes.filter(isOther) }
  return { ...catalog, tables: withEntry(catalog.tables, table.name, changed) }
}

function createEnum(node: SqlNode, catalog: Catalog): Catalog {
  only(node, 'CREATE TYPE', ['name', 'values'])
  const name = publicName(node['name'])
  if (catalog.enums.has(name)) fail('42710', `type "${name}" already exists`)
  const values = children(node, 'values').map((value) => String(value['value']))
  if (new Set(values).size !== values.length) refuse('an enum with one value twice')
  return { ...catalog, enums: withEntry(catalog.enums, name, values) }
}

function alterEnum(node: SqlNode, catalog: Catalog): Catalog {
  only(node, 'ALTER TYPE', ['name', 'change'])
  const name = publicName(node['name'])
  const values = catalog.enums.get(name) ?? fail('42704', `type "${name}" does not exist`)
  const change = child(node, 'change')
  if (change.type !== 'add value')
    return refuse(`ALTER TYPE … ${change.type ?? ''} is not emulated`)
  only(change, 'ADD VALUE', ['add'])
  const value = String(child(change, 'add')['value'])
  if (values.includes(value)) fail('42710', `enum label "${value}" already exists`)
  const enums = withEntry(catalog.enums, name, [...values, value])
  const tables = [...catalog.tables.values()].map((table) => ({
    ...table,
    columns: table.columns.map((column) =>
      column.type.enumName === name
        ? { ...column, type: { ...column.type, values: [...values, value] } }
        : column,
    ),
  }))
  return { ...catalog, enums, tables: new Map(tables.map((table) => [table.name, table])) }
}

function dropTypes(node: SqlNode, catalog: Catalog): Catalog {
  only(node, 'DROP TYPE', ['names', 'ifExists'])
  return children(node, 'names')
    .map(publicName)
    .reduce<Catalog>((state, name) => {
      if (!state.enums.has(name)) {
        return node['ifExists'] ? state : fail('42704', `type "${name}" does not exist`)
      }
      const isUsed = [...state.tables.values()].some(({ columns }) =>
        columns.some(({ type }) => type.enumName === name),
      )
      if (isUsed) fail('2BP01', `cannot drop type ${name} because other objects depend on it`)
      return { ...state, enums: withEntry(state.enums, name, undefined) }
    }, catalog)
}

function createView(node: SqlNode, context: Context): Catalog {
  only(node, 'CREATE VIEW', ['name', 'query', 'orReplace'])
  const { catalog } = context
  const name = publicName(node['name'])
  if (!node['orReplace'] || !catalog.views.has(name)) assertNewRelation(catalog, name)
  else refuse('CREATE OR REPLACE of a view that is there is not emulated')
  const query = child(node, 'query')
  if (/"now"|current_timestamp/.test(JSON.stringify(query))) refuse('now() in a view')
  selectQuery(query, context)
  return { ...catalog, views: withEntry(catalog.views, name, query) }
}

function assertCommented(node: SqlNode, catalog: Catalog): void {
  only(node, 'COMMENT', ['on', 'comment'])
  const on = child(node, 'on')
  const isColumn = on.type === 'column'
  const column = on['column'] as { table: string; column: string; schema?: string } | undefined
  if (!isColumn && on.type !== 'table') refuse(`COMMENT ON ${on.type ?? ''} is not emulated`)
  const name = publicName(column ? { name: column.table, schema: column.schema } : on['name'])
  const table = catalog.tables.get(name) ?? fail('42P01', `relation "${name}" does not exist`)
  if (column && !columnOf(table, column.column)) {
    fail('42703', `column "${column.column}" of relation "${name}" does not exist`)
  }
}

function truncate(node: SqlNode, { context, rows, sequences }: Surroundings): Changed {
  only(node, 'TRUNCATE', ['tables', 'identity', 'cascade'])
  const { catalog } = context
  const emptied = new Set(children(node, 'tables').map(publicName))
  for (const name of emptied) {
    if (!catalog.tables.has(name)) fail('42P01', `relation "${name}" does not exist`)
    for (const { name: other } of referrersOf(catalog, name)) {
      // A set goes on over what is added to it.
      if (node['cascade'] === 'cascade') emptied.add(other)
      else if (!children(node, 'tables').map(publicName).includes(other)) {
        fail('0A000', 'cannot truncate a table referenced in a foreign key constraint')
      }
    }
  }
  if (node['identity'] === 'restart') {
    for (const name of emptied) {
      for (const { default: given } of catalog.tables.get(name)?.columns ?? []) {
        if (given?.kind === 'sequence') sequences.restart(given.sequence)
      }
    }
  }
  return { catalog, rows: new Map([...rows].filter(([name]) => !emptied.has(name))) }
}

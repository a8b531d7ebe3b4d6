import type { IMemoryDb, QueryOrAst } from 'pg-mem'

import type { Catalog, ForeignKey, Table, UniqueKey } from './catalog.ts'
import { storedType } from './column-type.ts'
import { condition } from './condition.ts'
import type { Place } from './context.ts'
import { expression } from './expression.ts'
import { registerFunctions } from './functions.ts'
import { literalNode } from './literal-value.ts'
import { placeIn } from './readers.ts'
import { ROW_ORDER } from './select.ts'
import { child, children, fail, only, refuse, type SqlNode } from './sql-node.ts'
import { type Typed, typedAlone } from './typed.ts'

/** What makes pg-mem databases. */
export interface MemoryMaker {
  newDb(): IMemoryDb
  /** Gives rows that are about to change new places. */
  planMoves(places: readonly number[]): void
  /** The new place of a row. */
  movedRow(place: number): number
}

/** A row as pg-mem has it, with the place it was written at. */
export type Row = Readonly<Record<string, unknown>>

/** The rows of each table. */
export type Rows = ReadonlyMap<string, readonly Row[]>

/**
 * Makes a pg-mem database of what a catalog says. None is ever altered: after ALTER TABLE pg-mem finds the
 * old rows through its indexes, and cannot go back to a backup.
 *
 * @throws what PostgreSQL says of rows that a constraint does not allow.
 */
export function buildMemory(pgMem: MemoryMaker, catalog: Catalog, rows: Rows): IMemoryDb {
  const database = pgMem.newDb()
  registerFunctions(database, (place) => pgMem.movedRow(place))
  const tables = [...catalog.tables.values()]
  for (const table of tables) {
    send(database, createTable(table, catalog))
    for (const unique of table.uniques) {
      if (unique.kind === 'index') send(database, createIndex(table, unique, catalog))
    }
  }
  for (const table of tables) insertRows(database, table, rows.get(table.name) ?? [])
  for (const table of tables) {
    for (const key of table.foreignKeys) {
      assertReferences(table, key, rows)
      send(database, addForeignKey(table, key))
    }
  }
  return database
}

/** Runs one parsed statement. */
export function send(
  database: IMemoryDb,
  node: SqlNode,
): { readonly rows: readonly Row[]; readonly rowCount: number } {
  const { rows, rowCount } = database.public.query(node as unknown as QueryOrAst)
  return { rows: rows as Row[], rowCount }
}

function createTable(table: Table, catalog: Catalog): SqlNode {
  const columns = table.columns.map(({ name, type, isNotNull }) => ({
    kind: 'column',
    name: { name },
    dataType: storedType(type),
    constraints: isNotNull ? [{ type: 'not null' }] : [],
  }))
  const order = { kind: 'column', name: { name: ROW_ORDER }, dataType: { name: 'integer' } }
  const uniques = table.uniques
    .filter(({ kind }) => kind !== 'index')
    .map(({ name, kind, columns: keys }) => ({
      type: kind === 'primary key' ? kind : 'unique',
      constraintName: { name },
      columns: keys.map((key) => ({ name: key })),
    }))
  const checks = table.checks.map(({ name, expression: check }) => ({
    type: 'check',
    constraintName: { name },
    // NULL passes a check: it must not become false.
    expr: condition(check, placeIn(table, catalog)),
  }))
  return {
    type: 'create table',
    name: { name: table.name },
    columns: [...columns, order],
    constraints: [...uniques, ...checks],
  }
}

function createIndex(table: Table, { name, index }: UniqueKey, catalog: Catalog): SqlNode {
  const place = placeIn(table, catalog)
  const written = index as SqlNode
  const where = written['where'] as SqlNode | undefined
  return {
    type: 'create index',
    unique: true,
    indexName: { name },
    table: { name: table.name },
    expressions: children(written, 'expressions').map((part) => {
      only(part, 'an index', ['expression', 'order', 'nulls'])
      return { expression: indexed(child(part, 'expression'), place) }
    }),
    ...(where && { where: condition(where, { ...place, isCondition: true }) }),
  }
}

function indexed(node: SqlNode, place: Place): SqlNode {
  const typed: Typed = typedAlone(expression(node, place))
  if (typed.isJsonPart) refuse('an index over a part of a JSON value is not emulated')
  return typed.node
}

const CHUNK = 200

function insertRows(database: IMemoryDb, table: Table, rows: readonly Row[]): void {
  for (let start = 0; start < rows.length; start += CHUNK) {
    send(database, insertNode(table, rows.slice(start, start + CHUNK)))
  }
}

/** An INSERT of complete rows. */
export function insertNode(table: Table, rows: readonly Row[]): SqlNode {
  return {
    type: 'insert',
    into: { name: table.name },
    columns: [...table.columns.map(({ name }) => ({ name })), { name: ROW_ORDER }],
    insert: {
      type: 'values',
      values: rows.map((row) => [
        ...table.columns.map(({ name, type }) => literalNode(row[name] ?? null, type)),
        { type: 'integer', value: row[ROW_ORDER] },
      ]),
    },
  }
}

function addForeignKey(table: Table, key: ForeignKey): SqlNode {
  return {
    type: 'alter table',
    table: { name: table.name },
    changes: [
      {
        type: 'add constraint',
        constraint: {
          type: 'foreign key',
          constraintName: { name: key.name },
          localColumns: key.columns.map((name) => ({ name })),
          foreignTable: { name: key.table },
          foreignColumns: key.references.map((name) => ({ name })),
          onDelete: key.onDelete,
        },
      },
    ],
  }
}

/** pg-mem does not look at rows that are there. */
function assertReferences(table: Table, key: ForeignKey, rows: Rows): void {
  const keyOf = (row: Row, columns: readonly string[]): string =>
    JSON.stringify(columns.map((column) => row[column]))
  const known = new Set((rows.get(key.table) ?? []).map((row) => keyOf(row, key.references)))
  const isBroken = (rows.get(table.name) ?? []).some((row) => {
    const hasNull = key.columns.some((column) => (row[column] ?? null) === null)
    return !hasNull && !known.has(keyOf(row, key.columns))
  })
  if (!isBroken) return
  fail(
    '23503',
    `insert or update on table "${table.name}" violates foreign key constraint "${key.name}"`,
    { table: table.name, constraint: key.name },
  )
}

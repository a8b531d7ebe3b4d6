import pg from 'pg'

import { insertNode, type Row } from './build-memory.ts'
import { type Catalog, referrersOf, type Table, type UniqueKey } from './catalog.ts'
import { literalNode } from './literal-value.ts'
import { fail, NotEmulated, refuse, type SqlNode } from './sql-node.ts'
import type { Store } from './store.ts'
import { valueText } from './value-text.ts'

/**
 * Says an error of pg-mem as PostgreSQL says it. What is not known to be an error in PostgreSQL, too, is
 * refused.
 */
export function translated(error: unknown, table: Table | undefined, catalog: Catalog): unknown {
  if (error instanceof NotEmulated || error instanceof pg.DatabaseError) return error
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
  const check = /check constraint "(.+)" is violated by some row/.exec(message)?.[1]
  if (check !== undefined) return thrown(() => checkViolation(check, catalog))
  const column = /null value in column "(.+)" violates not-null/.exec(message)?.[1]
  if (column !== undefined && table) return thrown(() => nullViolation(table.name, column))
  const key = /violates foreign key constraint on table "(.+)"$/.exec(message)?.[1]
  if (key !== undefined) return thrown(() => referenceViolation(key, message, table, catalog))
  return new NotEmulated(`pg-mem says: ${message}`, { cause: error })
}

function thrown(work: () => never): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

function checkViolation(constraint: string, catalog: Catalog): never {
  const table = [...catalog.tables.values()].find(({ checks }) =>
    checks.some(({ name }) => name === constraint),
  )
  const name = table?.name ?? ''
  return fail('23514', `new row for relation "${name}" violates check constraint "${constraint}"`, {
    table: name,
    constraint,
  })
}

export function nullViolation(table: string, column: string): never {
  return fail(
    '23502',
    `null value in column "${column}" of relation "${table}" violates not-null constraint`,
    { table, column },
  )
}

function referenceViolation(
  constraint: string,
  message: string,
  target: Table | undefined,
  catalog: Catalog,
): never {
  const table = [...catalog.tables.values()].find(({ foreignKeys }) =>
    foreignKeys.some(({ name }) => name === constraint),
  )
  const name = table?.name ?? ''
  const facts = { table: name, constraint }
  if (message.startsWith('insert or update')) {
    return fail(
      '23503',
      `insert or update on table "${name}" violates foreign key constraint "${constraint}"`,
      facts,
    )
  }
  const key = table?.foreignKeys.find((each) => each.name === constraint)
  const hasActions = [...catalog.tables.values()].some(({ foreignKeys }) =>
    foreignKeys.some(({ onDelete }) => onDelete === 'cascade' || onDelete === 'set null'),
  )
  // PostgreSQL looks when the statement is over: other rows of it may have gone by then.
  if (table?.name === target?.name || hasActions) {
    refuse('pg-mem checks foreign keys row by row, PostgreSQL at the end of the statement')
  }
  const violates = key?.onDelete === 'restrict' ? 'violates RESTRICT setting of' : 'violates'
  return fail(
    key?.onDelete === 'restrict' ? '23001' : '23503',
    `update or delete on table "${key?.table}" ${violates} foreign key constraint "${constraint}" on table "${name}"`,
    facts,
  )
}

/** The first key that a row has in common with one that is there; undefined when there is none. */
export function violatedKey(
  store: Store,
  table: Table,
  row: Row,
  keys: readonly UniqueKey[],
): UniqueKey | undefined {
  return keys.find((key) => {
    if (key.kind === 'index' && key.index) return isRefused(store, table, row, key)
    if (key.columns.some((column) => (row[column] ?? null) === null)) return false
    return store.send(matching(table, key, row)).rows.length > 0
  })
}

/** The rows that have this key. */
export function matching(table: Table, key: UniqueKey, row: Row): SqlNode {
  return {
    type: 'select',
    columns: [{ expr: { type: 'integer', value: 1 }, alias: { name: 'found' } }],
    from: [{ type: 'table', name: { name: table.name } }],
    where: keyCondition(table, key, row),
  }
}

export function keyCondition(table: Table, key: UniqueKey, row: Row): SqlNode {
  return key.columns
    .map((name): SqlNode => {
      const column = table.columns.find((each) => each.name === name)
      if (!column) return refuse(`the key "${key.name}" has a column that is not there`)
      const right = literalNode(row[name] ?? null, column.type)
      const left = { type: 'ref', table: { name: table.name }, name }
      return { type: 'binary', op: '=', left, right }
    })
    .reduce((left, right) => ({ type: 'binary', op: 'AND', left, right }))
}

/** Tries the row on a copy that has this index alone. */
function isRefused(store: Store, table: Table, row: Row, key: UniqueKey): boolean {
  const alone: Table = { ...table, uniques: [key], foreignKeys: [] }
  const catalog: Catalog = { ...store.catalog, tables: new Map([[table.name, alone]]) }
  const copy = store.changed(catalog, store.rows())
  try {
    copy.send(insertNode(alone, [row]))
    return false
  } catch {
    return true
  }
}

export function uniqueViolation(table: Table, key: UniqueKey, row: Row | undefined): never {
  const types = new Map(table.columns.map(({ name, type }) => [name, type]))
  const values = key.columns.map((name) => {
    const type = types.get(name)
    return type && row ? valueText(row[name], type) : ''
  })
  const detail = `Key (${key.columns.join(', ')})=(${values.join(', ')}) already exists.`
  return fail('23505', `duplicate key value violates unique constraint "${key.name}"`, {
    table: table.name,
    constraint: key.name,
    ...(row && !key.index && { detail }),
  })
}

/** Refuses to change what other rows refer to. */
export function assertNotReferenced(
  catalog: Catalog,
  table: Table,
  columns: readonly string[],
): void {
  const keys = [table, ...referrersOf(catalog, table.name)].flatMap(({ foreignKeys }) =>
    foreignKeys.filter((key) => key.table === table.name),
  )
  if (keys.some(({ references }) => references.some((column) => columns.includes(column)))) {
    refuse('a change of a column that a foreign key refers to is not emulated')
  }
}

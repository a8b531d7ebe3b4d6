import type { Row } from './build-memory.ts'
import type { Table, UniqueKey } from './catalog.ts'
import { rowFilter } from './condition.ts'
import { read, type Context, type Place } from './context.ts'
import { literalNode } from './literal-value.ts'
import type { Outcome } from './outcome.ts'
import { outputColumns, returned, returning } from './returning.ts'
import { ROW_ORDER } from './select.ts'
import { child, children, fail, nameOf, only, refuse, type SqlNode } from './sql-node.ts'
import type { Store } from './store.ts'
import { type Target, tableOf, targetColumn } from './target.ts'
import { assigned, call } from './typed.ts'
import { assertNotReferenced, nullViolation, translated, uniqueViolation } from './violations.ts'

/** UPDATE of one table by expressions of its own columns. */
export function update(node: SqlNode, context: Context, { store }: Target): Outcome {
  only(node, 'UPDATE', ['table', 'sets', 'where', 'returning'])
  const target = child(node, 'table')
  only(target, 'UPDATE', ['name', 'schema'])
  const table = tableOf(target, context)
  const place = placeOf(table, table.name, context)
  const where = node['where'] as SqlNode | null | undefined
  const output = returning(node, table, context)
  const sets = children(node, 'sets')
  const rows = updatedRows(table, sets, where ? rowFilter(where, place) : undefined, place, store)
  return returned('UPDATE', rows, output, table, store)
}

function placeOf(table: Table, alias: string, context: Context): Place {
  return { context, scope: { sources: [{ alias, columns: table.columns }] } }
}

/** Changes the rows that match; they have the end of the table for their place then. */
export function updatedRows(
  table: Table,
  sets: readonly SqlNode[],
  where: SqlNode | undefined,
  place: Place,
  store: Store,
): Row[] {
  const changes = sets.map((set) => changeOf(set, table, place))
  const names = changes.map(({ column }) => column.name)
  if (new Set(names).size !== names.length) {
    fail('42601', `multiple assignments to same column "${names.at(-1)}"`)
  }
  assertNotReferenced(store.catalog, table, names)
  const touched = table.uniques.filter((key) => isTouched(key, names))
  if (touched.some((key) => key.index)) refuse('a change beside a unique index on expressions')
  if (
    changes.some(
      ({ column, isFixed }) => !isFixed && touched.some((key) => key.columns.includes(column.name)),
    )
  ) {
    refuse('a computed change of a unique column: rows are checked one by one, in another order')
  }
  const rowPlace: SqlNode = { type: 'ref', table: { name: table.name }, name: ROW_ORDER }
  const places = store.send({
    type: 'select',
    columns: [{ expr: rowPlace, alias: { name: ROW_ORDER } }],
    from: [{ type: 'table', name: { name: table.name } }],
    ...(where && { where }),
  })
  store.planMoves(places.rows.map((row) => Number(row[ROW_ORDER])))
  const node: SqlNode = {
    type: 'update',
    table: { name: table.name },
    sets: [
      ...changes.map(({ column, value }) => ({ column: { name: column.name }, value })),
      { column: { name: ROW_ORDER }, value: call('moved', [rowPlace]) },
    ],
    ...(where && { where }),
    returning: [
      {
        expr: { type: 'ref', table: { name: table.name }, name: ROW_ORDER },
        alias: { name: ROW_ORDER },
      },
    ],
  }
  for (const { column, value } of changes) {
    if (column.isNotNull && value.type === 'null' && places.rows.length > 0) {
      nullViolation(table.name, column.name)
    }
  }
  try {
    return store.send(node).rows.toSorted((a, b) => Number(a[ROW_ORDER]) - Number(b[ROW_ORDER]))
  } catch (error) {
    const message = error instanceof Error ? error.message : ''
    if (!message.includes('duplicate key')) throw translated(error, table, store.catalog)
    const [key, ...others] = touched
    if (!key || others.length > 0) return refuse('one of several keys is there twice')
    return uniqueViolation(table, key, undefined)
  }
}

function isTouched(key: UniqueKey, names: readonly string[]): boolean {
  return key.index !== undefined || key.columns.some((column) => names.includes(column))
}

interface Change {
  readonly column: Table['columns'][number]
  readonly value: SqlNode
  /** The same for each row. */
  readonly isFixed: boolean
}

function changeOf(set: SqlNode, table: Table, place: Place): Change {
  only(set, 'SET', ['column', 'value'])
  const column = targetColumn(table, nameOf(set['column']))
  const value = child(set, 'value')
  if (column.identity === 'always' && value.type !== 'default') {
    fail('428C9', `column "${column.name}" can only be updated to DEFAULT`)
  }
  if (value.type === 'faasjs value') {
    return { column, value: assignedValue(value, column), isFixed: true }
  }
  if (value.type === 'default') {
    return { column, value: fixedDefault(column, place.context.now), isFixed: true }
  }
  const { node } = assigned(read(value, place), column.type, column.name)
  const isFixed = !JSON.stringify(node).includes('"type":"ref"')
  return { column, value: node, isFixed }
}

function assignedValue(value: SqlNode, column: Table['columns'][number]): SqlNode {
  const of = value['of'] as Table['columns'][number]['type']
  return assigned({ node: child(value, 'value'), type: of }, column.type, column.name).node
}

function fixedDefault(
  { default: given, type, name }: Table['columns'][number],
  now: Date,
): SqlNode {
  if (!given) return literalNode(null, type)
  if (given.kind === 'value') return literalNode(given.value, type)
  if (given.kind === 'now') return literalNode(now, type)
  return refuse(`the default of "${name}", another for each row, is not emulated here`)
}

/** DELETE from one table. */
export function remove(node: SqlNode, context: Context, { store }: Target): Outcome {
  only(node, 'DELETE', ['from', 'where', 'returning'])
  const target = child(node, 'from')
  only(target, 'DELETE', ['name', 'schema'])
  const table = tableOf(target, context)
  const where = node['where'] as SqlNode | null | undefined
  const place = placeOf(table, table.name, context)
  const output = returning(node, table, context)
  const condition = where && rowFilter(where, place)
  // Read first: rows that go with others are not among them in PostgreSQL, but counted by pg-mem.
  const from = [{ type: 'table', name: { name: table.name } }]
  const columns = [
    ...outputColumns(output ?? []),
    {
      expr: { type: 'ref', table: { name: table.name }, name: ROW_ORDER },
      alias: { name: ROW_ORDER },
    },
  ]
  const read = { type: 'select', columns, from, ...(condition && { where: condition }) }
  const rows = store.send(read).rows.toSorted((a, b) => Number(a[ROW_ORDER]) - Number(b[ROW_ORDER]))
  try {
    store.send({
      type: 'delete',
      from: { name: table.name },
      ...(condition && { where: condition }),
    })
  } catch (error) {
    throw translated(error, table, store.catalog)
  }
  return {
    command: 'DELETE',
    rowCount: rows.length,
    columns: (output ?? []).map(({ name, type }) => ({ name, type })),
    rows: output ? rows.map((row) => output.map((_, at) => row[`faasjs_${at}`] ?? null)) : [],
  }
}

import type { Row } from './build-memory.ts'
import { insertNode } from './build-memory.ts'
import { type Column, type Table, type UniqueKey } from './catalog.ts'
import { filter } from './condition.ts'
import { read, type Context, type Place } from './context.ts'
import { literalNode } from './literal-value.ts'
import type { Outcome } from './outcome.ts'
import { returned, returning } from './returning.ts'
import { ROW_ORDER, topQuery } from './select.ts'
import { child, children, fail, nameOf, only, refuse, type SqlNode } from './sql-node.ts'
import type { Store } from './store.ts'
import { type Target, tableOf, targetColumn } from './target.ts'
import { assigned } from './typed.ts'
import { updatedRows } from './update.ts'
import {
  keyCondition,
  nullViolation,
  translated,
  uniqueViolation,
  violatedKey,
} from './violations.ts'

/**
 * INSERT, one row after the other: what a column gets by itself is made here, each time anew, and a number
 * that a failed statement took is gone, as in PostgreSQL.
 */
export function insert(node: SqlNode, context: Context, target: Target): Outcome {
  only(node, 'INSERT', ['into', 'columns', 'insert', 'returning', 'onConflict'])
  const into = child(node, 'into')
  only(into, 'INSERT', ['name', 'schema'])
  const table = tableOf(into, context)
  const names = children(node, 'columns').map(nameOf)
  const columns =
    names.length === 0 ? table.columns : names.map((name) => targetColumn(table, name))
  if (new Set(columns).size !== columns.length) {
    fail(
      '42701',
      `column "${names.find((name, at) => names.indexOf(name) !== at)}" specified more than once`,
    )
  }
  const query = child(node, 'insert')
  const given =
    query.type === 'values'
      ? valuesOf(query, columns, context, target.store)
      : queriedRows(query, columns, context, target.store)
  const conflict = conflictOf(node, table, context)
  const output = returning(node, table, context)
  const written: Row[] = []
  for (const values of given()) {
    const row = complete(table, columns, values, context, target)
    const result = write(row, table, conflict, target)
    if (result) written.push(result)
  }
  return returned('INSERT', written, output, table, target.store)
}

type Values = ReadonlyMap<string, unknown>

function valuesOf(
  node: SqlNode,
  columns: readonly Column[],
  context: Context,
  store: Store,
): () => Iterable<Values> {
  only(node, 'VALUES', ['values'])
  const lists = node['values'] as readonly (readonly SqlNode[])[]
  const place: Place = { context, scope: { sources: [] }, isOnce: true }
  const rows = lists.map((list) => {
    if (list.length > columns.length)
      fail('42601', 'INSERT has more expressions than target columns')
    if (list.length !== lists[0]?.length) fail('42601', 'VALUES lists must all be the same length')
    return list.flatMap((value, index) => {
      const column = columns[index] as Column
      if (value.type === 'default') return []
      if (column.identity === 'always') refuseIdentity(column)
      return [[column, assigned(read(value, place), column.type, column.name).node] as const]
    })
  })
  const [first] = lists
  if (first && first.length < columns.length && children(node, 'columns').length > 0) {
    fail('42601', 'INSERT has more target columns than expressions')
  }
  return function* () {
    for (const row of rows) {
      yield new Map(row.map(([{ name }, value]) => [name, evaluated(value, store)]))
    }
  }
}

function refuseIdentity({ name }: Column): never {
  return fail('428C9', `cannot insert a non-DEFAULT value into column "${name}"`, {
    detail: `Column "${name}" is an identity column defined as GENERATED ALWAYS.`,
  })
}

const PLAIN = new Set(['integer', 'numeric', 'string', 'boolean'])

function evaluated(node: SqlNode, store: Store): unknown {
  if (node.type === 'null') return null
  if (PLAIN.has(node.type ?? '')) return node['value']
  const columns = [{ expr: node, alias: { name: 'value' } }]
  return store.send({ type: 'select', columns }).rows[0]?.['value'] ?? null
}

function queriedRows(
  node: SqlNode,
  columns: readonly Column[],
  context: Context,
  store: Store,
): () => Iterable<Values> {
  const query = topQuery(node, context)
  if (query.columns.length !== columns.length) refuse('INSERT of a query with fewer columns')
  query.columns.forEach(({ type, name }, index) => {
    const column = columns[index] as Column
    if (column.identity === 'always') refuseIdentity(column)
    const { node: value } = assigned(
      { node: { type: 'ref', name }, type },
      column.type,
      column.name,
    )
    if (value.type !== 'ref') refuse('a conversion in INSERT … SELECT is not emulated')
  })
  const { rows } = store.send(query.node)
  return () =>
    rows.map((row) => new Map(columns.map(({ name }, at) => [name, row[`faasjs_${at}`] ?? null])))
}

/** The whole row, with what its columns get by themselves. */
function complete(
  table: Table,
  given: readonly Column[],
  values: Values,
  context: Context,
  { sequences }: Target,
): Row {
  const isGiven = new Set(given.map(({ name }) => name).filter((name) => values.has(name)))
  const row: Record<string, unknown> = { [ROW_ORDER]: sequences.nextRow() }
  for (const column of table.columns) {
    row[column.name] = isGiven.has(column.name)
      ? values.get(column.name)
      : sequences.defaultOf(column, context.now)
  }
  for (const { name, isNotNull } of table.columns) {
    if (isNotNull && row[name] === null) nullViolation(table.name, name)
  }
  return row
}

interface Conflict {
  /** Undefined for any key. */
  readonly key: UniqueKey | undefined
  /** Undefined to do nothing. */
  readonly update?: (excluded: Row, where: SqlNode, store: Store) => Row[]
  readonly seen: Set<string>
}

function write(
  row: Row,
  table: Table,
  conflict: Conflict | undefined,
  { store }: Target,
): Row | undefined {
  if (conflict) {
    const keys = conflict.key ? [conflict.key] : table.uniques
    const key = violatedKey(store, table, row, keys)
    if (key && !conflict.update) return undefined
    if (conflict.key) {
      const text = JSON.stringify(conflict.key.columns.map((name) => row[name]))
      if (key && conflict.seen.has(text)) {
        fail('21000', 'ON CONFLICT DO UPDATE command cannot affect row a second time')
      }
      conflict.seen.add(text)
      if (key) return conflict.update?.(row, keyCondition(table, key, row), store)[0]
    }
  }
  try {
    store.send(insertNode(table, [row]))
    return row
  } catch (error) {
    const message = error instanceof Error ? error.message : ''
    const isReference = message.includes('violates foreign key')
    if (isReference || message.includes('duplicate key')) {
      const key = violatedKey(store, table, row, table.uniques)
      if (key) uniqueViolation(table, key, row)
    }
    throw translated(error, table, store.catalog)
  }
}

function conflictOf(node: SqlNode, table: Table, context: Context): Conflict | undefined {
  const conflict = node['onConflict'] as SqlNode | null | undefined
  if (!conflict) return undefined
  only(conflict, 'ON CONFLICT', ['on', 'do', 'where'])
  const on = conflict['on'] as SqlNode | undefined
  const key = on && conflictKey(on, table)
  if (conflict['do'] === 'do nothing') return { key, seen: new Set() }
  if (!key)
    return fail(
      '42601',
      'ON CONFLICT DO UPDATE requires inference specification or constraint name',
    )
  const sets = children(child(conflict, 'do'), 'sets')
  const where = conflict['where'] as SqlNode | undefined
  return {
    key,
    seen: new Set(),
    update: (row, match, store) => {
      const place = withExcluded(row, table, context)
      const more = where && filter(excludedIn(where, row, table), place)
      const condition: SqlNode = more
        ? { type: 'binary', op: 'AND', left: match, right: more }
        : match
      const changes = sets.map((set) => ({
        ...set,
        value: excludedIn(child(set, 'value'), row, table),
      }))
      return updatedRows(table, changes, condition, place, store)
    },
  }
}

function withExcluded(_row: Row, table: Table, context: Context): Place {
  return { context, scope: { sources: [{ alias: table.name, columns: table.columns }] } }
}

/** `excluded.x` is the value that was to be inserted. */
function excludedIn(node: SqlNode, row: Row, table: Table): SqlNode {
  if (node.type === 'ref' && (node['table'] as SqlNode | undefined)?.['name'] === 'excluded') {
    const column = targetColumn(table, nameOf(node))
    if (!['integer', 'text', 'boolean'].includes(column.type.name)) {
      const literal = literalNode(row[column.name] ?? null, column.type)
      return { type: 'faasjs value', value: literal, of: column.type }
    }
    return literalNode(row[column.name] ?? null, column.type)
  }
  const entries = Object.entries(node).map(([key, value]) => [key, excludedPart(value, row, table)])
  return Object.fromEntries(entries) as SqlNode
}

function excludedPart(value: unknown, row: Row, table: Table): unknown {
  if (Array.isArray(value)) return value.map((item) => excludedPart(item, row, table))
  if (typeof value !== 'object' || value === null) return value
  return excludedIn(value as SqlNode, row, table)
}

function conflictKey(on: SqlNode, table: Table): UniqueKey {
  if (on.type === 'on constraint') {
    const name = nameOf(on['constraint'])
    const named = table.uniques.find((key) => key.name === name && !key.kind.endsWith('index'))
    return named ?? fail('42704', `constraint "${name}" for table "${table.name}" does not exist`)
  }
  const columns = children(on, 'exprs').map((expr) => {
    if (expr.type !== 'ref') refuse('ON CONFLICT of an expression is not emulated')
    return targetColumn(table, nameOf(expr)).name
  })
  const wanted = columns.toSorted().join()
  const key = table.uniques.find((each) => !each.index && each.columns.toSorted().join() === wanted)
  if (key) return key
  if (table.uniques.some(({ index }) => index)) refuse('ON CONFLICT of an index is not emulated')
  return fail(
    '42P10',
    'there is no unique or exclusion constraint matching the ON CONFLICT specification',
  )
}

import { classOf, INTEGER, printType } from './column-type.ts'
import { rowFilter } from './condition.ts'
import { read, type Context, type Place } from './context.ts'
import { fromSources } from './from.ts'
import { readLiteral } from './literal-value.ts'
import { columnNode, type NamedType, type Scope, type Source } from './scope.ts'
import {
  child,
  children,
  fail,
  hasReference,
  nameOf,
  only,
  refuse,
  type SqlNode,
} from './sql-node.ts'
import { isTyped, type Typed, typedAlone, typedAs } from './typed.ts'

/** A query as pg-mem runs it. */
export interface Query {
  readonly node: SqlNode
  readonly columns: readonly NamedType[]
}

/** The column that each table has besides its own: in which order its rows were written. */
export const ROW_ORDER = 'faasjs_row'

/** What a select gives: under which name pg-mem has it, and under which the client sees it. */
export interface Output extends Typed {
  readonly name: string
}

/** A query inside another; its columns keep their names. */
export function selectQuery(node: SqlNode, context: Context, outer?: Scope): Query {
  const { node: select, columns } = query(node, context, outer, ({ name }) => name)
  const names = new Set(columns.map(({ name }) => name))
  if (names.size !== columns.length) refuse('a subquery with two columns of one name')
  return { node: select, columns }
}

/** The query of a statement: columns have the names `faasjs_0`, `faasjs_1`, … in pg-mem. */
export function topQuery(node: SqlNode, context: Context): Query {
  return query(node, context, undefined, (_, index) => `faasjs_${index}`)
}

type Naming = (output: Output, index: number) => string

function query(node: SqlNode, context: Context, outer: Scope | undefined, naming: Naming): Query {
  switch (node.type) {
    case 'select':
      return simpleSelect(node, context, outer, naming)
    case 'union':
    case 'union all':
      return union(node, context, outer, naming)
    case 'with':
      return withQueries(node, context, outer, naming)
    default:
      return refuse(`${node.type ?? 'this query'} is not emulated`)
  }
}

function withQueries(
  node: SqlNode,
  context: Context,
  outer: Scope | undefined,
  naming: Naming,
): Query {
  only(node, 'WITH', ['bind', 'in'])
  const subqueries = new Map(context.subqueries)
  for (const bind of children(node, 'bind')) {
    only(bind, 'WITH', ['alias', 'statement'])
    const inner = { ...context, subqueries: new Map(subqueries) }
    subqueries.set(nameOf(bind['alias']), selectQuery(child(bind, 'statement'), inner))
  }
  return query(child(node, 'in'), { ...context, subqueries }, outer, naming)
}

function union(node: SqlNode, context: Context, outer: Scope | undefined, naming: Naming): Query {
  only(node, 'UNION', ['left', 'right'])
  const [left, right] = (['left', 'right'] as const).map((side) => {
    const arm = child(node, side)
    // The parser gives an ORDER BY of the whole to its last part.
    if (children(arm, 'orderBy').length > 0 || arm['limit']) {
      refuse('ORDER BY and LIMIT beside UNION are not emulated')
    }
    return query(arm, context, outer, naming)
  }) as [Query, Query]
  left.columns.forEach(({ type }, index) => {
    const other = right.columns[index]
    if (!other || printType(other.type) !== printType(type)) {
      refuse('UNION of columns with different types is not emulated')
    }
  })
  if (left.columns.length !== right.columns.length) {
    fail('42601', 'each UNION query must have the same number of columns')
  }
  return { node: { ...node, left: left.node, right: right.node }, columns: left.columns }
}

const PARTS = ['columns', 'from', 'where', 'groupBy', 'limit', 'orderBy', 'distinct', 'for', 'skip']

function simpleSelect(
  node: SqlNode,
  context: Context,
  outer: Scope | undefined,
  naming: Naming,
): Query {
  only(node, 'SELECT', PARTS)
  const from = fromSources(children(node, 'from'), context, outer)
  const scope: Scope = { sources: from.sources, outer }
  const place: Place = { context, scope }
  const groups = children(node, 'groupBy').map((group) => groupOf(group, place))
  const hasFrom = from.sources.length > 0
  const outputs = children(node, 'columns').flatMap((column) =>
    outputOf(column, { ...place, hasAggregates: true, isOnce: !hasFrom }),
  )
  if (outputs.length === 0) refuse('SELECT without columns is not emulated')
  const isGrouped = groups.length > 0 || outputs.some(({ node: each }) => hasAggregate(each))
  if (isGrouped) assertGrouped(outputs, groups)
  const { distinct } = node
  if (Array.isArray(distinct)) refuse('DISTINCT ON is not emulated')
  const isDistinct = distinct === 'distinct'
  if (isDistinct || groups.length > 0) outputs.forEach((output) => assertHashable(output))
  const named = outputs.map((output, index) => ({ ...output, alias: naming(output, index) }))
  const orderBy = orderOf(node, named, { ...place, hasAggregates: isGrouped }, isDistinct)
  const only1 = from.sources.length === 1 && from.isTable && !isGrouped && !isDistinct
  const rows = only1 ? [{ by: rowOrder(from.sources[0] as Source), order: 'ASC' }] : []
  if (isGrouped) orderBy.forEach(({ by }) => assertGrouped([{ node: by }], groups, named))
  const order = [...orderBy, ...rows]
  const limit = limitOf(node, place)
  const where = node['where'] as SqlNode | null | undefined
  return {
    node: {
      type: 'select',
      columns: named.map(({ node: each, alias }) => ({ expr: each, alias: { name: alias } })),
      ...(hasFrom && { from: from.nodes }),
      ...(where && { where: rowFilter(where, place) }),
      ...(groups.length > 0 && { groupBy: groups }),
      ...(isDistinct && { distinct }),
      ...(order.length > 0 && { orderBy: order }),
      ...(limit && { limit }),
    },
    columns: named.map(({ name, type }) => ({ name, type })),
  }
}

function rowOrder({ alias }: Source): SqlNode {
  return { type: 'ref', table: { name: alias }, name: ROW_ORDER }
}

/** The columns that an entry of a select list or of RETURNING gives. */
export function outputOf(column: SqlNode, place: Place): Output[] {
  only(column, 'a column', ['expr', 'alias'])
  const expr = child(column, 'expr')
  if (expr.type === 'ref' && expr['name'] === '*') return star(expr, place.scope)
  const inner = read(expr, place)
  const typed = typedAlone(inner)
  const alias = column['alias'] as SqlNode | undefined
  return [{ ...typed, name: alias ? nameOf(alias) : defaultName(expr) }]
}

function star(node: SqlNode, { sources }: Scope): Output[] {
  const table = node['table'] as SqlNode | undefined
  const wanted = sources.filter(({ alias }) => !table || alias === nameOf(table))
  if (table && wanted.length === 0) {
    fail('42P01', `missing FROM-clause entry for table "${nameOf(table)}"`)
  }
  if (wanted.length === 0) fail('42601', 'SELECT * with no tables specified is not valid')
  return wanted.flatMap((source) =>
    source.columns.map((column) => ({
      node: columnNode({ source, column }),
      type: column.type,
      name: column.name,
    })),
  )
}

/** How PostgreSQL names a column without a name. */
function defaultName(expr: SqlNode): string {
  switch (expr.type) {
    case 'ref':
      return nameOf(expr)
    case 'call':
      return nameOf(expr['function'])
    case 'case':
      return 'case'
    case 'keyword':
      return String(expr['keyword'])
    case 'cast': {
      const inner = defaultName(child(expr, 'operand'))
      return inner === '?column?' ? refuse('a cast without a name: say AS name') : inner
    }
    default:
      return '?column?'
  }
}

function groupOf(group: SqlNode, place: Place): SqlNode {
  if (group.type !== 'ref') refuse('GROUP BY of what is no column is not emulated')
  const typed = read(group, place) as Typed
  if (!['integer', 'text', 'boolean', 'uuid'].includes(classOf(typed.type))) {
    refuse(`GROUP BY of ${printType(typed.type)} is not emulated`)
  }
  return typed.node
}

const AGGREGATE = /^(count|sum|min|max|bool_and|bool_or)$/

function hasAggregate(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(hasAggregate)
  if (typeof node !== 'object' || node === null) return false
  const { type } = node as SqlNode
  if (type === 'call') {
    const name = nameOf((node as SqlNode)['function'])
    if (AGGREGATE.test(name)) return true
  }
  return type !== 'select' && Object.values(node).some(hasAggregate)
}

/** Each output is one of the groups, a constant, or an aggregate. */
function assertGrouped(
  outputs: readonly { readonly node: SqlNode }[],
  groups: readonly SqlNode[],
  named: readonly { readonly alias: string }[] = [],
): void {
  const known = new Set([
    ...groups.map((group) => JSON.stringify(group)),
    ...named.map(({ alias }) => JSON.stringify({ type: 'ref', name: alias })),
  ])
  for (const { node } of outputs) {
    const isAggregate = node.type === 'call' && AGGREGATE.test(nameOf(node['function']))
    if (isAggregate || known.has(JSON.stringify(node))) continue
    if (!hasReference(node)) refuse('a constant beside an aggregate is not emulated')
    refuse('a column beside an aggregate must be in GROUP BY, and alone')
  }
}

function assertHashable({ type, isJsonPart }: Output): void {
  const isKnown = ['integer', 'text', 'boolean', 'uuid'].includes(classOf(type))
  if (!isKnown || isJsonPart) refuse(`DISTINCT or GROUP BY beside ${printType(type)}`)
}

const ORDERED = ['integer', 'float', 'numeric', 'text', 'boolean', 'uuid', 'date', 'timestamp']

interface Order {
  readonly by: SqlNode
  readonly order: string
  readonly nulls: unknown
}

function orderOf(
  node: SqlNode,
  outputs: readonly (Output & { readonly alias: string })[],
  place: Place,
  isDistinct: boolean,
): Order[] {
  return children(node, 'orderBy').map((order) => {
    only(order, 'ORDER BY', ['by', 'order', 'nulls'])
    const by = child(order, 'by')
    const output = orderedOutput(by, outputs)
    const typed = output ?? typedAlone(read(by, place))
    const isOrdered = [...ORDERED, 'timestamptz'].includes(classOf(typed.type))
    if (!isOrdered || typed.isJsonPart) refuse(`ORDER BY of ${printType(typed.type)}`)
    const same = outputs.find((each) => JSON.stringify(each.node) === JSON.stringify(typed.node))
    if (isDistinct && !same) {
      fail('42P10', 'for SELECT DISTINCT, ORDER BY expressions must appear in select list')
    }
    const isAliased = output !== undefined || isDistinct
    const alias = (output ?? same) as { alias: string } | undefined
    return {
      by: isAliased && alias ? { type: 'ref', name: alias.alias } : typed.node,
      order: (order['order'] as string | null | undefined) ?? 'ASC',
      nulls: order['nulls'],
    }
  })
}

/** `ORDER BY 2`, or by the name of an output, which comes before columns of the same name. */
function orderedOutput<T extends Output>(by: SqlNode, outputs: readonly T[]): T | undefined {
  if (by.type === 'integer') {
    const found = outputs[Number(by['value']) - 1]
    return found ?? fail('42P10', `ORDER BY position ${String(by['value'])} is not in select list`)
  }
  if (['string', 'null', 'parameter', 'numeric'].includes(by.type ?? '')) {
    return refuse('ORDER BY of a constant is not emulated')
  }
  if (by.type !== 'ref' || by['table']) return undefined
  const found = outputs.filter(({ name }) => name === nameOf(by))
  if (found.length > 1) refuse(`ORDER BY "${nameOf(by)}" could be two columns`)
  return found[0]
}

function limitOf(node: SqlNode, place: Place): SqlNode | undefined {
  const limit = node['limit'] as SqlNode | null | undefined
  if (!limit) return undefined
  only(limit, 'LIMIT', ['limit', 'offset'])
  const amounts = (['limit', 'offset'] as const).flatMap((part) => {
    const value = limit[part] as SqlNode | null | undefined
    return value ? [[part, amountOf(value, place)] as const] : []
  })
  return Object.fromEntries(amounts)
}

function amountOf(node: SqlNode, place: Place): SqlNode {
  const amount = read(node, place)
  const value = isTyped(amount)
    ? amount.node['value']
    : readLiteral(amount.text ?? refuse('LIMIT NULL is not emulated'), { name: 'bigint' })
  if (typeof value !== 'number') return refuse('LIMIT and OFFSET of what is no number')
  if (!isTyped(amount)) amount.onType?.({ name: 'bigint' })
  if (value < 0) fail('2201W', 'LIMIT must not be negative')
  return typedAs({ node: { type: 'integer', value }, type: INTEGER }, INTEGER).node
}

import { filter } from './condition.ts'
import { readQuery, type Context } from './context.ts'
import type { Scope, Source } from './scope.ts'
import { child, fail, nameOf, only, publicName, refuse, type SqlNode } from './sql-node.ts'

export interface From {
  readonly sources: readonly Source[]
  readonly nodes: readonly SqlNode[]
  /** It is one table, not a view or a subquery. */
  readonly isTable: boolean
}

const JOINS = new Set(['INNER JOIN', 'LEFT JOIN', 'RIGHT JOIN'])

/** The tables, views and subqueries of FROM. */
export function fromSources(
  items: readonly SqlNode[],
  context: Context,
  outer: Scope | undefined,
): From {
  const sources: Source[] = []
  const nodes: SqlNode[] = []
  let isTable = false
  for (const item of items) {
    const { source, node, isBase } = sourceOf(item, context)
    if (sources.some(({ alias }) => alias === source.alias)) {
      fail('42712', `table name "${source.alias}" specified more than once`)
    }
    sources.push(source)
    isTable = isBase && sources.length === 1
    const join = item['join'] as SqlNode | null | undefined
    nodes.push({ ...node, ...(join && { join: joinOf(join, context, [...sources], outer) }) })
  }
  // Joins after a comma bind tighter than it: what ON may name differs.
  const first = items.slice(1).some((item) => !item['join'])
  if (first && items.some((item) => item['join'])) refuse('JOIN beside a comma is not emulated')
  return { sources, nodes, isTable }
}

function joinOf(
  join: SqlNode,
  context: Context,
  sources: readonly Source[],
  outer: Scope | undefined,
): SqlNode {
  only(join, 'JOIN', ['type', 'on'])
  const on = join['on'] as SqlNode | null | undefined
  if (!JOINS.has(join.type ?? '')) return refuse(`${join.type ?? 'this join'} is not emulated`)
  if (!on) return refuse('JOIN is emulated with ON alone')
  return { type: join.type as string, on: filter(on, { context, scope: { sources, outer } }) }
}

interface Item {
  readonly source: Source
  readonly node: SqlNode
  readonly isBase: boolean
}

function sourceOf(item: SqlNode, context: Context): Item {
  if (item.type === 'statement') {
    only(item, 'a subquery in FROM', ['statement', 'alias', 'join'])
    const { node, columns } = readQuery(child(item, 'statement'), context)
    const alias = String(item['alias'])
    return {
      source: { alias, columns },
      node: { type: 'statement', statement: node, alias },
      isBase: false,
    }
  }
  if (item.type !== 'table') return refuse('functions in FROM are not emulated')
  only(item, 'a table in FROM', ['name', 'join'])
  return namedSource(child(item, 'name'), context)
}

function namedSource(node: SqlNode, context: Context): Item {
  only(node, 'a table in FROM', ['name', 'schema', 'alias'])
  const alias = (node['alias'] as string | undefined) ?? nameOf(node)
  const query = node['schema'] === undefined && context.subqueries.get(nameOf(node))
  if (query) return subquery(alias, query)
  const name = publicName(node)
  const view = context.catalog.views.get(name)
  if (view) return subquery(alias, readQuery(view, { ...context, subqueries: new Map() }))
  const table = context.catalog.tables.get(name)
  if (!table) return fail('42P01', `relation "${name}" does not exist`)
  return {
    source: {
      alias,
      columns: table.columns.map(({ name: column, type }) => ({ name: column, type })),
    },
    node: { type: 'table', name: { name, ...(alias !== name && { alias }) } },
    isBase: true,
  }
}

function subquery(
  alias: string,
  { node, columns }: { node: SqlNode; columns: Source['columns'] },
): Item {
  return {
    source: { alias, columns },
    node: { type: 'statement', statement: node, alias },
    isBase: false,
  }
}

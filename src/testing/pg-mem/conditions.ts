import { BOOLEAN, classOf, printType } from './column-type.ts'
import { read, readQuery, exactly, type Place } from './context.ts'
import { child, children, nameOf, only, refuse, type SqlNode } from './sql-node.ts'
import { type Typed, typedAs } from './typed.ts'

const QUERIES = new Set(['select', 'union', 'union all', 'values', 'with', 'with recursive'])

export function isSubquery(node: SqlNode): boolean {
  return QUERIES.has(node.type ?? '')
}

/** `EXISTS (SELECT …)` and `x IN (SELECT …)`: what else a subquery could be is not emulated. */
export function subqueryTest(node: SqlNode, place: Place): Typed {
  const inside = { ...place.context }
  if (node.type === 'call' && nameOf(node['function']) === 'exists') {
    only(node, 'EXISTS', ['function', 'args'])
    const [query] = children(node, 'args')
    if (!query || !isSubquery(query)) return refuse('EXISTS of what is no query')
    const { node: select } = readQuery(query, inside, place.scope)
    return { node: { ...node, args: [select] }, type: BOOLEAN }
  }
  if (node.type !== 'binary' || node['op'] !== 'IN') {
    return refuse('a subquery as a value is not emulated')
  }
  // pg-mem says false where PostgreSQL says NULL.
  if (!place.isCondition) refuse('IN (SELECT …) is emulated as a condition of WHERE alone')
  const { node: select, columns } = readQuery(child(node, 'right'), inside, place.scope)
  const [column] = columns
  if (!column || columns.length !== 1) return refuse('IN of a query with several columns')
  const left = typedAs(read(child(node, 'left'), exactly(place)), column.type)
  const kind = classOf(column.type)
  const isKnown = ['integer', 'text', 'uuid', 'date', 'timestamptz'].includes(kind)
  if (classOf(left.type) !== kind || !isKnown || left.isJsonPart) {
    refuse(`${printType(left.type)} IN a query of ${printType(column.type)} is not emulated`)
  }
  return { node: { type: 'binary', op: 'IN', left: left.node, right: select }, type: BOOLEAN }
}

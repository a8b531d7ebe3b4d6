import { BOOLEAN } from './column-type.ts'
import { type Place, read } from './context.ts'
import { refuse, type SqlNode } from './sql-node.ts'
import { call, typedAs } from './typed.ts'

/** An expression that is true, false or NULL. */
export function condition(node: SqlNode, place: Place): SqlNode {
  const typed = typedAs(read(node, place), BOOLEAN)
  if (typed.type.name !== 'boolean') refuse('a condition that is no boolean')
  return typed.node
}

/** A condition of WHERE, ON and the like. */
export function filter(node: SqlNode, place: Place): SqlNode {
  return condition(node, { ...place, isCondition: true })
}

/**
 * The condition of WHERE, in a call that pg-mem does not look into: what it reads through an index it does
 * not always read right.
 */
export function rowFilter(node: SqlNode, place: Place): SqlNode {
  return call('and', [filter(node, place), { type: 'boolean', value: true }])
}

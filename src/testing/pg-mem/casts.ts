import {
  classOf,
  type ColumnType,
  isInteger,
  isSameType,
  printType,
  readType,
} from './column-type.ts'
import { read, exactly, type Place } from './context.ts'
import { literalNode, readLiteral } from './literal-value.ts'
import { child, only, refuse, type SqlNode } from './sql-node.ts'
import { call, type Expression, isTyped, ranged, typedAs } from './typed.ts'

export function castTo(node: SqlNode, place: Place): Expression {
  only(node, 'a cast', ['operand', 'to'])
  const to = child(node, 'to')
  if (to['name'] === 'interval') refuse('intervals are emulated beside + and - alone')
  const type = readType(to, place.context.catalog.enums)
  const inner = read(child(node, 'operand'), exactly(place))
  if (!isTyped(inner)) {
    // An explicit cast cuts where an assignment refuses.
    if (type.length !== undefined) refuse('a cast to varchar(n) cuts, which pg-mem does not')
    if (!inner.isNumber || inner.text === null) return typedAs(inner, type)
    return { node: literalNode(readLiteral(inner.text, type), type), type }
  }
  if (inner.isJsonPart) refuse('a cast of a part of a JSON value: use ->>')
  const { type: from, node: value } = inner
  if (isSameType(from, type)) return inner
  if (isInteger(from) && isInteger(type)) return { node: ranged(value, type), type }
  if (isInteger(from) && type.name === 'double precision') {
    return { node: { type: 'cast', operand: value, to: { name: 'float' } }, type }
  }
  if (classOf(from) === 'text' && isInteger(type)) {
    return { node: call('parse', [value, { type: 'string', value: type.name }]), type }
  }
  if (isText(type) && (isInteger(from) || classOf(from) === 'text' || from.name === 'uuid')) {
    return { node: { type: 'cast', operand: value, to: { name: 'text' } }, type }
  }
  if (isText(type) && from.name === 'enum') return { node: value, type }
  return refuse(`a cast from ${printType(from)} to ${printType(type)} is not emulated`)
}

/** text, or varchar without a length. */
function isText(type: ColumnType): boolean {
  return classOf(type) === 'text' && type.length === undefined
}

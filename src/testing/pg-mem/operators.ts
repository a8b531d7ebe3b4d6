import {
  BOOLEAN,
  classOf,
  type ColumnType,
  isInteger,
  isSameType,
  printType,
  TEXT,
  TIMESTAMPTZ,
} from './column-type.ts'
import { condition } from './condition.ts'
import { isSubquery, subqueryTest } from './conditions.ts'
import { read, exactly, type Place } from './context.ts'
import { readInterval } from './interval.ts'
import { literalNode, readLiteral } from './literal-value.ts'
import { child, children, hasReference, nameOf, only, refuse, type SqlNode } from './sql-node.ts'
import { call, compared, isTyped, type Typed, typedAlone, typedAs, wider } from './typed.ts'

/** An operator between two expressions. */
export function binary(node: SqlNode, place: Place): Typed {
  only(node, 'an operator', ['op', 'left', 'right'])
  const operator = String(node['op'])
  const [left, right] = [child(node, 'left'), child(node, 'right')]
  if (isSubquery(right)) return subqueryTest(node, place)
  switch (operator) {
    case 'AND':
    case 'OR':
      return logic(operator, left, right, place)
    case 'IN':
    case 'NOT IN':
      return inList(operator, left, right, place)
    case 'LIKE':
    case 'NOT LIKE':
    case 'ILIKE':
    case 'NOT ILIKE':
      return like(operator, left, right, exactly(place))
    case '=':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return comparison(operator, left, right, place)
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return arithmetic(operator, left, right, exactly(place))
    case '||':
      return concatenation(left, right, exactly(place))
    case '@>':
      return containment(left, right, exactly(place))
    default:
      return refuse(`the operator ${operator} is not emulated`)
  }
}

function logic(operator: string, left: SqlNode, right: SqlNode, place: Place): Typed {
  const [a, b] = [condition(left, place), condition(right, place)]
  // pg-mem says NULL to "NULL AND false", and false to "NULL OR false".
  const isBuiltIn = operator === 'AND' && place.isCondition
  const node = isBuiltIn
    ? { type: 'binary', op: operator, left: a, right: b }
    : call(operator.toLowerCase(), [a, b])
  return { node, type: BOOLEAN }
}

/** Says it in words that handle NULL as PostgreSQL does. */
function inList(operator: string, left: SqlNode, right: SqlNode, place: Place): Typed {
  const items = right.type === 'list' ? children(right, 'expressions') : [right]
  return anyOf(left, items, operator === 'NOT IN', place)
}

function anyOf(left: SqlNode, items: readonly SqlNode[], isNegated: boolean, place: Place): Typed {
  const inside = isNegated ? exactly(place) : place
  const tests = items.map((item) => comparison('=', left, item, inside).node)
  // Halved, not chained: a long list would go too deep.
  const node = halves(tests)
  return { node: isNegated ? { type: 'unary', op: 'NOT', operand: node } : node, type: BOOLEAN }
}

function halves(tests: readonly SqlNode[]): SqlNode {
  const [first] = tests
  if (!first) return { type: 'boolean', value: false }
  if (tests.length === 1) return first
  const middle = tests.length >> 1
  const [left, right] = [halves(tests.slice(0, middle)), halves(tests.slice(middle))]
  return call('or', [left, right])
}

function comparison(operator: string, left: SqlNode, right: SqlNode, place: Place): Typed {
  if (right.type === 'call' && nameOf(right['function']) === 'any') {
    return anyArray(operator, left, right, place)
  }
  const inside = exactly(place)
  const [a, b] = compared(read(left, inside), read(right, inside))
  if (a.isJsonPart || b.isJsonPart) refuse('a comparison of a part of a JSON value: use ->>')
  assertComparable(a.type, b.type, operator)
  // With the constant on its left pg-mem reads "5 > id" from an index as "id <= 5".
  const isMirrored = !hasReference(a.node) && hasReference(b.node)
  const op = isMirrored ? (MIRRORED[operator] ?? operator) : operator
  const [first, second] = isMirrored ? [b.node, a.node] : [a.node, b.node]
  return { node: { type: 'binary', op, left: first, right: second }, type: BOOLEAN }
}

const MIRRORED: Readonly<Record<string, string>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' }

const NUMBERS = ['integer', 'float', 'numeric']
const ORDERED = [...NUMBERS, 'text', 'uuid', 'date', 'timestamp', 'timestamptz']

function assertComparable(a: ColumnType, b: ColumnType, operator: string): void {
  const [left, right] = [classOf(a), classOf(b)]
  const areNumbers = NUMBERS.includes(left) && NUMBERS.includes(right)
  const isSame = left === right && (left !== 'enum' || isSameType(a, b))
  if (!areNumbers && !isSame) {
    refuse(`comparing ${printType(a)} with ${printType(b)} is not emulated`)
  }
  const isEquality = operator === '=' || operator === '!='
  if (ORDERED.includes(left)) return
  if (isEquality && (left === 'boolean' || left === 'enum')) return
  refuse(`${operator} of ${printType(a)} is not emulated`)
}

/** `= ANY(…)` of an array that is given. */
function anyArray(operator: string, left: SqlNode, right: SqlNode, place: Place): Typed {
  only(right, 'ANY', ['function', 'args'])
  const [argument] = children(right, 'args')
  if (operator !== '=' || !argument) return refuse(`${operator} ANY is not emulated`)
  if (argument.type === 'array') {
    return anyOf(left, children(argument, 'expressions'), false, place)
  }
  const list = read(argument, exactly(place))
  const value = read(left, exactly(place))
  if (isTyped(list) || list.isNumber)
    return refuse('ANY of a column or an expression is not emulated')
  const of = isTyped(value) ? value.type : TEXT
  const element = of.name === 'character varying' ? TEXT : of
  const array: ColumnType = { name: 'array', of: element }
  list.onType?.(array)
  if (list.text === null) return { node: { type: 'null' }, type: BOOLEAN }
  const { node } = typedAs(value, element)
  assertComparable(of, element, '=')
  const tests = (readLiteral(list.text, array) as unknown[]).map((item): SqlNode => ({
    type: 'binary',
    op: '=',
    left: node,
    right: literalNode(item, element),
  }))
  return { node: halves(tests), type: BOOLEAN }
}

function like(operator: string, left: SqlNode, right: SqlNode, place: Place): Typed {
  const [text, pattern] = [textOf(left, place), textOf(right, place)]
  const ignoresCase: SqlNode = { type: 'boolean', value: operator.endsWith('ILIKE') }
  const node = call('like', [text.node, pattern.node, ignoresCase])
  const isNegated = operator.startsWith('NOT')
  return { node: isNegated ? { type: 'unary', op: 'NOT', operand: node } : node, type: BOOLEAN }
}

function textOf(node: SqlNode, place: Place): Typed {
  const typed = typedAlone(read(node, place))
  if (classOf(typed.type) !== 'text') refuse(`${printType(typed.type)} as a text is not emulated`)
  return typed
}

function arithmetic(operator: string, left: SqlNode, right: SqlNode, place: Place): Typed {
  const interval = readInterval(right)
  if (interval && (operator === '+' || operator === '-')) {
    const time = read(left, place)
    if (!isTyped(time) || time.type.name !== 'timestamptz') {
      return refuse('intervals are emulated beside timestamptz alone')
    }
    const sign = operator === '+' ? 1 : -1
    const [months, days, ms] = interval.map((amount) => amount * sign + 0)
    const amounts: SqlNode[] = [
      { type: 'integer', value: months },
      { type: 'integer', value: days },
      { type: 'numeric', value: ms },
    ]
    return { node: call('shift', [time.node, ...amounts]), type: TIMESTAMPTZ }
  }
  const sides = [read(left, place), read(right, place)] as const
  for (const side of sides) {
    // Only then a literal is a number, too.
    if (isTyped(side) && !['integer', 'float'].includes(classOf(side.type))) {
      refuse(`${operator} of ${printType(side.type)} is not emulated`)
    }
  }
  return computed(operator, ...compared(...sides))
}

function computed(operator: string, a: Typed, b: Typed): Typed {
  const sign: SqlNode = { type: 'string', value: operator }
  if (isInteger(a.type) && isInteger(b.type)) {
    const type = wider(a.type, b.type)
    const node = call('arithmetic', [sign, a.node, b.node, { type: 'string', value: type.name }])
    return { node, type }
  }
  const isFloat = (type: ColumnType): boolean => type.name === 'double precision'
  const areFloats =
    (isFloat(a.type) && (isFloat(b.type) || isInteger(b.type))) ||
    (isFloat(b.type) && isInteger(a.type))
  // Two literals would be numeric.
  const isKnown = [a, b].some(({ node, type }) => isFloat(type) && node.type !== 'numeric')
  if (areFloats && isKnown && operator !== '%') {
    return { node: call('float', [sign, a.node, b.node]), type: { name: 'double precision' } }
  }
  return refuse(`${printType(a.type)} ${operator} ${printType(b.type)} is not emulated`)
}

function concatenation(left: SqlNode, right: SqlNode, place: Place): Typed {
  const parts = [read(left, place), read(right, place)]
  if (parts.every((part) => isTyped(part) && classOf(part.type) !== 'text')) {
    refuse('|| is emulated for texts alone')
  }
  const [a, b] = parts.map((part) => {
    const typed = typedAlone(part)
    if (classOf(typed.type) === 'text') return typed.node
    if (!isInteger(typed.type)) refuse(`|| with ${printType(typed.type)} is not emulated`)
    return { type: 'cast', operand: typed.node, to: { name: 'text' } }
  })
  return { node: { type: 'binary', op: '||', left: a, right: b }, type: TEXT }
}

function containment(left: SqlNode, right: SqlNode, place: Place): Typed {
  const [a, b] = compared(read(left, place), read(right, place))
  if (a.type.name !== 'jsonb' || b.type.name !== 'jsonb' || a.isJsonPart || b.isJsonPart) {
    refuse('@> is emulated for whole values of jsonb alone')
  }
  return { node: call('contains', [a.node, b.node]), type: BOOLEAN }
}

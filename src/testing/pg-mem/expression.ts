import { aggregate, isAggregate } from './aggregates.ts'
import { functionCall } from './calls.ts'
import { castTo } from './casts.ts'
import { BOOLEAN, INTEGER, BIGINT, isInteger, TIMESTAMPTZ } from './column-type.ts'
import { condition, filter } from './condition.ts'
import { isSubquery, subqueryTest } from './conditions.ts'
import { exactly, type Place } from './context.ts'
import { jsonMember } from './json.ts'
import { literalNode } from './literal-value.ts'
import { binary } from './operators.ts'
import { columnNode, findColumn } from './scope.ts'
import { child, children, nameOf, only, refuse, type SqlNode } from './sql-node.ts'
import { call, commonType, type Expression, isTyped, type Typed, typedAs } from './typed.ts'

/**
 * Reads an expression and says it again in those words of pg-mem that mean the same as in PostgreSQL.
 *
 * @throws {NotEmulated} for everything else.
 */
export function expression(node: SqlNode, place: Place): Expression {
  switch (node.type) {
    case 'null':
      return { text: null }
    case 'string':
      return { text: String(node['value']) }
    case 'parameter':
      return place.context.parameters.at(String(node['name']))
    case 'boolean':
      return { node, type: BOOLEAN }
    case 'integer':
      return integer(Number(node['value']))
    case 'numeric':
      return { text: String(node['value']), isNumber: true }
    case 'ref':
      return reference(node, place)
    case 'unary':
      return unary(node, place)
    case 'binary':
      return binary(node, place)
    case 'ternary':
      return between(node, place)
    case 'cast':
      return castTo(node, place)
    case 'case':
      return caseOf(node, place)
    case 'member':
      return jsonMember(node, place)
    case 'keyword':
      return keyword(node, place)
    case 'call':
      return calls(node, place)
    default:
      return refuse(`${node.type ?? 'this expression'} is not emulated here`)
  }
}

function integer(value: number): Typed {
  if (!Number.isSafeInteger(value)) refuse('pg-mem loses digits of integers beyond 2^53')
  const isSmall = value >= -2147483648 && value <= 2147483647
  return { node: { type: 'integer', value }, type: isSmall ? INTEGER : BIGINT }
}

function reference(node: SqlNode, place: Place): Typed {
  only(node, 'a column', ['name', 'table'])
  const table = node['table'] as SqlNode | undefined
  if (table?.['schema'] !== undefined) refuse('columns named with their schema are not emulated')
  const found = findColumn(place.scope, nameOf(node), table && nameOf(table))
  return { node: columnNode(found), type: found.column.type }
}

function unary(node: SqlNode, place: Place): Expression {
  only(node, 'an operator', ['op', 'operand'])
  const operator = String(node['op'])
  const operand = child(node, 'operand')
  if (operator === 'NOT') return boolean('NOT', condition(operand, exactly(place)))
  const inner = expression(operand, exactly(place))
  if (operator.startsWith('IS')) {
    const typed = typedAs(inner, BOOLEAN)
    if (typed.isJsonPart) refuse('pg-mem takes a JSON null for NULL: use ->>')
    const isNullTest = operator.endsWith('NULL')
    if (!isNullTest && typed.type.name !== 'boolean') refuse(`${operator} of what is no boolean`)
    return boolean(operator, typed.node)
  }
  if (operator !== '-') return refuse(`the operator ${operator} is not emulated`)
  if (!isTyped(inner)) {
    if (!inner.isNumber || inner.text === null) return refuse('the sign of a text is not emulated')
    return { text: `-${inner.text}`.replace(/^--/, ''), isNumber: true }
  }
  if (!isInteger(inner.type)) return refuse(`the sign of ${inner.type.name} is not emulated`)
  const zero: SqlNode = { type: 'integer', value: 0 }
  const args = [text('-'), zero, inner.node, text(inner.type.name)]
  return { node: call('arithmetic', args), type: inner.type }
}

function text(value: string): SqlNode {
  return { type: 'string', value }
}

function boolean(operator: string, operand: SqlNode): Typed {
  return { node: { type: 'unary', op: operator, operand }, type: BOOLEAN }
}

function between(node: SqlNode, place: Place): Typed {
  only(node, 'BETWEEN', ['op', 'value', 'lo', 'hi'])
  const value = child(node, 'value')
  const bound = (op: string, right: SqlNode): SqlNode => ({
    type: 'binary',
    op,
    left: value,
    right,
  })
  const both: SqlNode = {
    type: 'binary',
    op: 'AND',
    left: bound('>=', child(node, 'lo')),
    right: bound('<=', child(node, 'hi')),
  }
  const isNegated = node['op'] === 'NOT BETWEEN'
  const tree = isNegated ? { type: 'unary', op: 'NOT', operand: both } : both
  return typedAs(expression(tree, place), BOOLEAN)
}

function caseOf(node: SqlNode, place: Place): Typed {
  only(node, 'CASE', ['value', 'whens', 'else'])
  const inside = exactly(place)
  const value = node['value'] as SqlNode | null | undefined
  const whens = children(node, 'whens')
  const otherwise = node['else'] as SqlNode | null | undefined
  const results = [...whens.map((when) => child(when, 'value')), ...(otherwise ? [otherwise] : [])]
  const expressions = results.map((result) => expression(result, inside))
  if (expressions.some((each) => isTyped(each) && each.isJsonPart)) {
    refuse('a part of a JSON value in CASE is not emulated')
  }
  const type = commonType(expressions)
  if (type.name === 'numeric' && !expressions.every(isTyped)) refuse('a literal beside a numeric')
  const nodes = expressions.map((each) => typedAs(each, type).node)
  return {
    type,
    node: {
      type: 'case',
      whens: whens.map((when, index) => ({
        when: value
          ? equal(value, child(when, 'when'), inside)
          : filter(child(when, 'when'), inside),
        value: nodes[index],
      })),
      // Said, because pg-mem takes the type from here, too.
      else: otherwise ? nodes.at(-1) : { type: 'null' },
    },
  }
}

function equal(left: SqlNode, right: SqlNode, place: Place): SqlNode {
  return condition({ type: 'binary', op: '=', left, right }, place)
}

function keyword(node: SqlNode, place: Place): Typed {
  if (node['keyword'] !== 'current_timestamp') {
    return refuse(`${String(node['keyword'])} is not emulated`)
  }
  return { node: literalNode(place.context.now, TIMESTAMPTZ), type: TIMESTAMPTZ }
}

function calls(node: SqlNode, place: Place): Expression {
  const name = nameOf(node['function'])
  if ((node['function'] as SqlNode)['schema'] !== undefined) {
    refuse('functions named with their schema are not emulated')
  }
  const isTest = name === 'exists' || children(node, 'args').some(isSubquery)
  if (isTest) return subqueryTest(node, place)
  if (isAggregate(name)) return aggregate(name, node, place)
  return functionCall(name, node, place)
}

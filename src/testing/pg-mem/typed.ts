import {
  BIGINT,
  classOf,
  type ColumnType,
  INTEGER,
  isInteger,
  isSameType,
  printType,
  TEXT,
} from './column-type.ts'
import { literalNode, readLiteral } from './literal-value.ts'
import { fail, refuse, type SqlNode } from './sql-node.ts'

/** An expression that pg-mem computes as PostgreSQL does. */
export interface Typed {
  readonly node: SqlNode
  readonly type: ColumnType
  /** A part of a JSON value: whether it is NULL or a JSON null is not known. */
  readonly isJsonPart?: true
}

/** A literal whose type its surroundings decide: text in quotes, a parameter, NULL. */
export interface Untyped {
  /** Null for NULL. */
  readonly text: string | null
  /** Called with the type that was found for a parameter. */
  readonly onType?: (type: ColumnType) => void
  /** Written as a number with a fraction. */
  readonly isNumber?: true
}

export type Expression = Typed | Untyped

export function isTyped(expression: Expression): expression is Typed {
  return 'node' in expression
}

/** What stands for an expression where a value of this type is expected, without a cast. */
export function typedAs(expression: Expression, type: ColumnType): Typed {
  if (isTyped(expression)) return expression
  const { text, onType, isNumber } = expression
  onType?.(type)
  if (text === null) return { node: { type: 'null' }, type }
  if (isNumber) return numberAs(text, type)
  return { node: literalNode(readLiteral(text, type), type), type }
}

function numberAs(text: string, type: ColumnType): Typed {
  const isNumeric = isInteger(type) || ['numeric', 'double precision'].includes(type.name)
  if (!isNumeric) refuse(`a number beside a value of type ${printType(type)} is not emulated`)
  return { node: { type: 'numeric', value: Number(text) }, type: { name: 'double precision' } }
}

/** An expression where nothing says which type it has: text, as in PostgreSQL. */
export function typedAlone(expression: Expression): Typed {
  if (!isTyped(expression) && expression.isNumber) {
    refuse('pg-mem loses the scale of a number with a fraction: cast it to double precision')
  }
  return typedAs(expression, TEXT)
}

/** Both sides of a comparison. */
export function compared(left: Expression, right: Expression): readonly [Typed, Typed] {
  if (isTyped(left)) return [left, typedAs(right, literalType(left.type))]
  if (isTyped(right)) return [typedAs(left, literalType(right.type)), right]
  return [typedAlone(left), typedAlone(right)]
}

/** What a literal beside a value is read as: its type without the limits that assignments check. */
function literalType(type: ColumnType): ColumnType {
  if (type.name === 'character varying') return TEXT
  return type.name === 'numeric' ? { name: 'numeric', precision: 15, scale: type.scale ?? 0 } : type
}

/** The type of a CASE, a COALESCE or a UNION. */
export function commonType(expressions: readonly Expression[]): ColumnType {
  const [first, ...rest] = expressions.filter(isTyped).map(({ type }) => type)
  if (!first) return TEXT
  return rest.reduce((type, next) => {
    if (isSameType(type, next)) return type
    if (isInteger(type) && isInteger(next)) return wider(type, next)
    // The first counts, without its length.
    if (classOf(type) === 'text' && classOf(next) === 'text') return { name: type.name }
    return refuse(`${printType(type)} and ${printType(next)} in one column are not emulated`)
  }, first)
}

export function wider(a: ColumnType, b: ColumnType): ColumnType {
  if (a.name === 'bigint' || b.name === 'bigint') return BIGINT
  return a.name === 'integer' || b.name === 'integer' ? INTEGER : a
}

/** What is written into a column. */
export function assigned(expression: Expression, type: ColumnType, column: string): Typed {
  if (!isTyped(expression)) {
    if (!expression.isNumber || expression.text === null) return typedAs(expression, type)
    if (type.name !== 'numeric' && type.name !== 'double precision') {
      refuse(`PostgreSQL rounds ${expression.text} for a column of type ${printType(type)}`)
    }
    return { node: literalNode(readLiteral(expression.text, type), type), type }
  }
  const { type: from, node, isJsonPart } = expression
  if (isJsonPart) refuse('a part of a JSON value as the value of a column is not emulated')
  if (isSameType(from, type)) return { node, type }
  if (node.type === 'integer' && ['numeric', 'double precision'].includes(type.name)) {
    return { node: literalNode(readLiteral(String(node['value']), type), type), type }
  }
  if (isInteger(from) && type.name === 'double precision') return { node, type }
  if (isInteger(from) && isInteger(type)) return { node: ranged(node, type), type }
  if (classOf(from) === 'text' && type.name === 'text') return { node, type }
  if (type.name === 'character varying' && type.length === undefined) {
    if (classOf(from) === 'text') return { node, type }
  }
  if (node.type === 'integer' && classOf(type) === 'text') {
    const text = String(node['value'])
    return { node: literalNode(readLiteral(text, type), type), type }
  }
  const isRelated = isInteger(from) || ['numeric', 'double precision'].includes(from.name)
  if (!isRelated && !isCastable(from, type)) {
    fail(
      '42804',
      `column "${column}" is of type ${printType(type)} but expression is of type ${printType(from)}`,
    )
  }
  return refuse(`${printType(from)} into a column of type ${printType(type)} is not emulated`)
}

/** Whether PostgreSQL may have a cast that assignments use: rather refused than failed wrongly. */
function isCastable(from: ColumnType, to: ColumnType): boolean {
  const times = ['date', 'timestamp', 'timestamptz']
  if (times.includes(from.name) && times.includes(to.name)) return true
  return classOf(to) === 'text' || from.name === to.name || from.name === 'json'
}

/** An integer that must fit. */
export function ranged(node: SqlNode, type: ColumnType): SqlNode {
  return call('integer', [node, { type: 'string', value: type.name }])
}

/** A call of one of our functions. */
export function call(name: string, args: readonly SqlNode[]): SqlNode {
  return { type: 'call', function: { name: `faasjs_${name}` }, args }
}

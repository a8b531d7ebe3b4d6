import { BIGINT, BOOLEAN, classOf, type ColumnType, printType } from './column-type.ts'
import { read, exactly, type Place } from './context.ts'
import { children, fail, only, refuse, type SqlNode } from './sql-node.ts'
import { type Typed, typedAlone } from './typed.ts'

const AGGREGATES = new Set([
  'count',
  'sum',
  'min',
  'max',
  'bool_and',
  'bool_or',
  'every',
  'avg',
  'string_agg',
  'array_agg',
  'json_agg',
  'jsonb_agg',
  'json_object_agg',
  'jsonb_object_agg',
  'stddev',
])

export function isAggregate(name: string): boolean {
  return AGGREGATES.has(name)
}

/** `count`, `sum`, `min`, `max`, `bool_and` and `bool_or` of a column or an expression. */
export function aggregate(name: string, node: SqlNode, place: Place): Typed {
  // pg-mem reads FILTER, ORDER BY and OVER and does nothing about them.
  only(node, `${name}()`, ['function', 'args', 'distinct'])
  if (!place.hasAggregates) fail('42803', `aggregate functions are not allowed here: ${name}()`)
  const [argument, ...more] = children(node, 'args')
  if (!argument || more.length > 0) return refuse(`${name}() is not emulated with these arguments`)
  if (name === 'count' && argument.type === 'ref' && argument['name'] === '*') {
    if (argument['table']) refuse('count(t.*) is not emulated')
    return { node, type: BIGINT }
  }
  const inner = typedAlone(read(argument, { ...exactly(place), hasAggregates: false }))
  if (inner.isJsonPart) refuse('an aggregate of a part of a JSON value is not emulated')
  if (node['distinct'] && name !== 'count') refuse(`${name}(DISTINCT) is not emulated`)
  if (node['distinct'] && !['integer', 'text', 'boolean', 'uuid'].includes(classOf(inner.type))) {
    refuse(`count(DISTINCT) of ${printType(inner.type)} is not emulated`)
  }
  const type = resultType(name, inner.type)
  return { node: { ...node, args: [inner.node] }, type }
}

function resultType(name: string, type: ColumnType): ColumnType {
  const kind = classOf(type)
  switch (name) {
    case 'count':
      return BIGINT
    case 'sum':
      if (type.name === 'integer' || type.name === 'smallint') return BIGINT
      break
    case 'min':
    case 'max':
      if (['integer', 'float', 'numeric', 'date', 'timestamp', 'timestamptz'].includes(kind)) {
        return type
      }
      // PostgreSQL gives text for varchar.
      if (kind === 'text') return { name: 'text' }
      break
    case 'bool_and':
    case 'bool_or':
      if (type.name === 'boolean') return BOOLEAN
      break
  }
  return refuse(`${name}(${printType(type)}) is not emulated`)
}

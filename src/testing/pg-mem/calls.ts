import { randomUUID } from 'node:crypto'

import { classOf, INTEGER, isInteger, TEXT, TIMESTAMPTZ, UUID } from './column-type.ts'
import { read, exactly, type Place } from './context.ts'
import { literalNode } from './literal-value.ts'
import { children, only, refuse, type SqlNode } from './sql-node.ts'
import {
  call,
  commonType,
  type Expression,
  isTyped,
  type Typed,
  typedAlone,
  typedAs,
} from './typed.ts'

const TEXT_FUNCTIONS: Readonly<Record<string, readonly [name: string, args: number]>> = {
  lower: ['lower', 1],
  upper: ['upper', 1],
  length: ['length', 1],
  char_length: ['length', 1],
  trim: ['trim', 1],
  btrim: ['trim', 1],
  replace: ['replace', 3],
}

/** A call of a function that is no aggregate. */
export function functionCall(name: string, node: SqlNode, place: Place): Typed {
  only(node, `${name}()`, ['function', 'args'])
  const args = children(node, 'args')
  if (name === 'now' && args.length === 0) {
    return { node: literalNode(place.context.now, TIMESTAMPTZ), type: TIMESTAMPTZ }
  }
  if (name === 'gen_random_uuid' && args.length === 0) {
    if (!place.isOnce) refuse('gen_random_uuid() for each row of a query is not emulated')
    return { node: literalNode(randomUUID(), UUID), type: UUID }
  }
  const inner = args.map((arg) => read(arg, exactly(place)))
  if (name === 'coalesce') return coalesce(inner)
  const [ours, count] = TEXT_FUNCTIONS[name] ?? refuse(`the function ${name}() is not emulated`)
  if (inner.length !== count) refuse(`${name}() with ${inner.length} arguments is not emulated`)
  const texts = inner.map((each) => {
    const typed = typedAlone(each)
    if (classOf(typed.type) !== 'text') refuse(`${name}() of ${typed.type.name} is not emulated`)
    return typed.node
  })
  return { node: call(ours, texts), type: ours === 'length' ? INTEGER : TEXT }
}

function coalesce(inner: readonly Expression[]): Typed {
  if (inner.some((each) => isTyped(each) && each.isJsonPart)) {
    refuse('a part of a JSON value in COALESCE is not emulated')
  }
  const type = commonType(inner)
  const isExact = isInteger(type) || ['text', 'boolean', 'uuid'].includes(classOf(type))
  if (!isExact) refuse(`COALESCE of ${type.name} is not emulated`)
  // Said as CASE: pg-mem would compute each argument, also those behind the first that counts.
  const nodes = inner.map((each) => typedAs(each, type).node)
  const whens = nodes.slice(0, -1).map((value) => ({
    when: { type: 'unary', op: 'IS NOT NULL', operand: value },
    value,
  }))
  const last = nodes.at(-1)
  if (whens.length === 0 || !last) return refuse('COALESCE of one argument is not emulated')
  return { node: { type: 'case', whens, else: last }, type }
}

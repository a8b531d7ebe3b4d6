import { TEXT } from './column-type.ts'
import { read, type Place } from './context.ts'
import { child, only, refuse, type SqlNode } from './sql-node.ts'
import { call, isTyped, type Typed } from './typed.ts'

const JSONB = { name: 'jsonb' } as const

/** `->` and `->>`. */
export function jsonMember(node: SqlNode, place: Place): Typed {
  only(node, 'JSON', ['operand', 'op', 'member'])
  const operand = read(child(node, 'operand'), { ...place, isCondition: false })
  if (!isTyped(operand) || operand.type.name !== 'jsonb') {
    return refuse(`${String(node['op'])} of what is no jsonb is not emulated`)
  }
  const { member } = node as unknown as { member: string | number }
  const part =
    typeof member === 'number'
      ? call('json_index', [operand.node, { type: 'integer', value: member }])
      : call('json_key', [operand.node, { type: 'string', value: member }])
  if (node['op'] === '->') return { node: part, type: JSONB, isJsonPart: true }
  return { node: call('json_text', [part]), type: TEXT }
}

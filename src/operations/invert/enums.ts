import type { AddTypeValue, EnumOperation, ReplaceType } from '../enums.ts'
import type { Inverters } from './inverters.ts'
import { recorded } from './recorded.ts'

export const enumInverters: Inverters<EnumOperation> = {
  addTypeValue: (operation) => {
    const { values } = recorded(operation, 'the list of values before it')
    // PostgreSQL cannot take a value away, so the type is made anew without it.
    return {
      kind: 'replaceType',
      type: operation.type,
      values,
      was: { values: valuesAfter(operation, values) },
    }
  },
  createType: ({ type, values }) => ({ kind: 'dropType', type, was: { values } }),
  renameTypeValue: ({ kind, type, from, to }) => ({ kind, type, from: to, to: from }),
  replaceType: (operation) => {
    const { kind, type, values } = operation
    const was = recorded(operation, 'the list of values before it')
    const map = mapBack(operation, was.values)
    return {
      kind,
      type,
      values: was.values,
      ...(Object.keys(map).length > 0 && { map }),
      was: { values },
    }
  },
}

function valuesAfter(operation: AddTypeValue, before: readonly string[]): string[] {
  const neighbour = operation.before ?? operation.after
  const index = neighbour === undefined ? -1 : before.indexOf(neighbour)
  if (index === -1) return [...before, operation.value]
  return before.toSpliced(operation.before === undefined ? index + 1 : index, 0, operation.value)
}

/**
 * Where each new value goes on the way back. One that several old values were mapped to goes to
 * itself, or else to the first of them: which it came from is not recorded in the rows.
 */
function mapBack(
  { values, map = {} }: ReplaceType,
  was: readonly string[],
): Record<string, string> {
  const mapped = new Map(Object.entries(map))
  const became = new Map(was.map((value) => [value, mapped.get(value) ?? value]))
  return Object.fromEntries(
    values.flatMap((value) => {
      if (became.get(value) === value) return []
      const origin = was.find((old) => became.get(old) === value)
      return origin === undefined ? [] : [[value, origin]]
    }),
  )
}

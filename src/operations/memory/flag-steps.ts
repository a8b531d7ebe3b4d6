import type { Operation } from '../operation.ts'
import type { Grant } from '../privileges.ts'
import type { EnableRls } from '../security.ts'
import type { SchemaMemory } from './schema-memory.ts'

/** Privileges that a role has already stay when the grant is taken back. */
export function completeGrant(memory: SchemaMemory, operation: Operation): Operation | undefined {
  if (operation.kind !== 'grant' || !('table' in operation.on)) return undefined
  const before = memory
    .table(operation.on.table)
    ?.attached.filter((one): one is Grant => one.kind === 'grant')
  if (!before || before.length === 0) return undefined
  const { on, privileges, to } = operation
  if (before.some((one) => JSON.stringify(one) === JSON.stringify(operation))) {
    return { kind: 'reversible', operation, undo: [] }
  }
  return {
    kind: 'reversible',
    operation,
    undo: [{ kind: 'revoke', privileges, on, from: to }, ...before],
  }
}

/** Row level security that was on stays on. */
export function completeRls(memory: SchemaMemory, operation: Operation): Operation | undefined {
  if (operation.kind !== 'enableRls') return undefined
  const { table } = operation
  const before = memory
    .table(table)
    ?.attached.filter((one): one is EnableRls => one.kind === 'enableRls')
  if (!before || before.length === 0) return undefined
  const undo: Operation[] =
    operation.force && !before.some(({ force }) => force)
      ? [{ kind: 'disableRls', table, force: true }, ...before]
      : []
  return { kind: 'reversible', operation, undo }
}

import type { Operation } from '../operation.ts'
import type { AlterPolicy, PolicyDefinition, SecurityOperation } from '../security.ts'
import type { Inverters } from './inverters.ts'
import { irreversible, recorded } from './recorded.ts'
import { recreated } from './recreated.ts'

export const securityInverters: Inverters<SecurityOperation> = {
  alterPolicy: (operation) => {
    const { kind, table, policy, change } = operation
    const was = recorded(operation, 'the policy before it')
    const { to, using, withCheck } = was
    const before = {
      ...(change.to && to && { to }),
      ...(change.using !== undefined && using !== undefined && { using }),
      ...(change.withCheck !== undefined && withCheck !== undefined && { withCheck }),
    }
    const isComplete = Object.keys(before).length === Object.keys(change).length
    if (!isComplete) return created(operation, was)
    return { kind, table, policy, change: before, was: { ...was, ...change } }
  },
  disableRls: ({ table, force }) => ({ kind: 'enableRls', table, ...(force && { force }) }),
  dropPolicy: (operation) =>
    recreated(operation, 'the definition of the policy', (definition) => ({
      kind: 'policy',
      table: operation.table,
      policy: operation.policy,
      ...definition,
    })),
  enableRls: ({ table, force }) => ({ kind: 'disableRls', table, ...(force && { force }) }),
  policy: ({ kind: _kind, table, policy, ...definition }) => ({
    kind: 'dropPolicy',
    table,
    policy,
    was: definition,
  }),
  renamePolicy: ({ kind, table, policy, to }) => ({ kind, table, policy: to, to: policy }),
}

/** ALTER POLICY cannot take an expression away, so a policy that had none is created anew. */
function created(operation: AlterPolicy, was: Partial<PolicyDefinition>): Operation[] {
  const { table, policy, change } = operation
  if (was.for === undefined || was.to === undefined) {
    throw irreversible(operation, 'the whole policy before it')
  }
  const before = { ...was, for: was.for, to: was.to }
  return [
    { kind: 'dropPolicy', table, policy, was: { ...before, ...change } },
    { kind: 'policy', table, policy, ...before },
  ]
}

import type { AddPrimaryKey, AddUnique, ConstraintOperation } from '../constraints.ts'
import type { Operation } from '../operation.ts'
import type { Inverters } from './inverters.ts'
import { irreversible, recorded } from './recorded.ts'

export const constraintInverters: Inverters<ConstraintOperation> = {
  addCheck: ({ table, constraint }) => ({
    kind: 'dropCheck',
    table,
    name: constraint.name,
    was: constraint,
  }),
  addExclude: ({ table, constraint }) => ({
    kind: 'dropExclude',
    table,
    name: constraint.name,
    was: constraint,
  }),
  addForeignKey: ({ table, constraint }) => ({
    kind: 'dropForeignKey',
    table,
    name: constraint.name,
    was: constraint,
  }),
  addPrimaryKey: (operation) => {
    const { table, constraint } = operation
    assertOwnIndex(operation)
    const { nullable } = recorded(operation, 'which of its columns allowed NULL before')
    return [
      { kind: 'dropPrimaryKey', table, name: constraint.name, was: constraint },
      // Dropping the key would leave them NOT NULL.
      ...nullable.map((column): Operation => ({ kind: 'setNullable', table, column })),
    ]
  },
  addUnique: (operation) => {
    const { table, constraint } = operation
    assertOwnIndex(operation)
    return { kind: 'dropUnique', table, name: constraint.name, was: constraint }
  },
  dropCheck: (operation) => ({
    kind: 'addCheck',
    table: operation.table,
    constraint: recorded(operation, 'the definition of the constraint'),
  }),
  dropExclude: (operation) => ({
    kind: 'addExclude',
    table: operation.table,
    constraint: recorded(operation, 'the definition of the constraint'),
  }),
  dropForeignKey: (operation) => ({
    kind: 'addForeignKey',
    table: operation.table,
    constraint: recorded(operation, 'the definition of the constraint'),
  }),
  dropPrimaryKey: (operation) => ({
    kind: 'addPrimaryKey',
    table: operation.table,
    constraint: recorded(operation, 'the definition of the constraint'),
    // They were those of a key, and dropping it leaves them NOT NULL.
    was: { nullable: [] },
  }),
  dropUnique: (operation) => ({
    kind: 'addUnique',
    table: operation.table,
    constraint: recorded(operation, 'the definition of the constraint'),
  }),
  renameConstraint: ({ kind, table, from, to }) => ({ kind, table, from: to, to: from }),
  // A constraint that is valid stays so: there is nothing to take back.
  validateConstraint: () => undefined,
}

/** Dropping a constraint drops its index, also one that was there before. */
function assertOwnIndex(operation: AddPrimaryKey | AddUnique): void {
  if (operation.constraint.usingIndex !== undefined) {
    throw irreversible(operation, 'the definition of the index it took')
  }
}

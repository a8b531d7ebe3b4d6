import type { ConstraintDefinition, QualifiedName } from '../definitions.ts'
import type { Operation } from '../operation.ts'

/** The operation that adds a constraint to a table that is there. */
export function added(table: QualifiedName, constraint: ConstraintDefinition): Operation {
  switch (constraint.type) {
    case 'primaryKey':
      return { kind: 'addPrimaryKey', table, constraint }
    case 'unique':
      return { kind: 'addUnique', table, constraint }
    case 'check':
      return { kind: 'addCheck', table, constraint }
    case 'foreignKey':
      return { kind: 'addForeignKey', table, constraint }
    case 'exclude':
      return { kind: 'addExclude', table, constraint }
  }
}

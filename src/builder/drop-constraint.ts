import type { ConstraintDefinition, QualifiedName } from '../operations/definitions.ts'
import type { Operation } from '../operations/operation.ts'
import { checkIdentifier } from '../sql/identifier.ts'
import { describedConstraint } from './described-table.ts'
import type { DropOptions, TableBuilder } from './table-builder.ts'

export interface DropConstraintOptions extends DropOptions {
  /**
   * The call that made the constraint, so that the drop can be undone:
   * `(table) => table.unique(['email'])`.
   */
  readonly was?: (table: TableBuilder) => unknown
}

export type DropConstraintKind =
  | 'dropCheck'
  | 'dropExclude'
  | 'dropForeignKey'
  | 'dropPrimaryKey'
  | 'dropUnique'

/** The sort of constraint that each drops. */
const TYPES: Readonly<Record<DropConstraintKind, ConstraintDefinition['type']>> = {
  dropCheck: 'check',
  dropExclude: 'exclude',
  dropForeignKey: 'foreignKey',
  dropPrimaryKey: 'primaryKey',
  dropUnique: 'unique',
}

export function isDropOfConstraint(
  operation: Operation,
): operation is Extract<Operation, { kind: DropConstraintKind }> {
  return operation.kind in TYPES
}

export function dropConstraint(
  kind: DropConstraintKind,
  table: QualifiedName,
  name: string,
  { cascade, was }: DropConstraintOptions,
): Operation {
  checkIdentifier(name)
  return {
    kind,
    table,
    name,
    ...(cascade && { cascade: true }),
    ...(was && { was: describedConstraint(table, TYPES[kind], name, was) }),
    // The definition is of the type that belongs to the kind.
  } as Operation
}

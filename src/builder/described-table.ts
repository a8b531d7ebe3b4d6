import { BuilderError } from '../errors.ts'
import type { DropColumn } from '../operations/columns.ts'
import type {
  ConstraintDefinition,
  QualifiedName,
  TableDefinition,
} from '../operations/definitions.ts'
import { added } from '../operations/memory/added.ts'
import type { Operation } from '../operations/operation.ts'
import { CreateTableRecorder } from './create-table-recorder.ts'
import { captureTrace } from './recorded.ts'
import { TableBuilder } from './table-builder.ts'

/** A table as a callback describes it, and the operations that follow its creation. */
export interface DescribedTable {
  readonly definition: TableDefinition
  /** Types that its columns need, made before it. */
  readonly before: readonly Operation[]
  /** Indexes, comments, and the like. */
  readonly followedBy: readonly Operation[]
}

/** Runs a callback of `createTable` without recording it anywhere. */
export function describeTable(
  table: QualifiedName,
  define: (table: TableBuilder) => unknown,
  { isPartial = false }: { readonly isPartial?: boolean } = {},
): DescribedTable {
  const recorder = new CreateTableRecorder(table, captureTrace(), { isPartial })
  define(new TableBuilder(table, recorder, {
    assertOpen: () => undefined,
    typeOf: () => undefined,
  }))
  const operations = recorder.finish().map(({ operation }) => operation)
  const at = operations.findIndex(({ kind }) => kind === 'createTable')
  const create = operations[at]
  if (create?.kind !== 'createTable') throw new TypeError('a description always has its table')
  const { kind: _kind, ...definition } = create
  return { definition, before: operations.slice(0, at), followedBy: operations.slice(at + 1) }
}

/**
 * The one column that a callback describes, with what goes with it, for the `was` of a drop. A type
 * that `table.enum` describes is not part of it: dropping a column leaves its type.
 */
export function describedColumn(
  table: QualifiedName,
  name: string,
  define: (table: TableBuilder) => unknown,
): NonNullable<DropColumn['was']> {
  // Constraints and indexes may speak of the other columns of the table.
  const { definition, followedBy } = describeTable(table, define, { isPartial: true })
  const [column, ...others] = definition.columns
  if (column?.name === name && others.length === 0) {
    const restored = [
      ...definition.constraints.map((constraint) => added(table, constraint)),
      ...followedBy,
    ]
    return { ...column, ...(restored.length > 0 && { followedBy: restored }) }
  }
  throw new BuilderError('BAD_DEFINITION', {
    what: `"was" of dropColumn("${name}") must describe that column, and only it`,
    fix: `write { was: (table) => table.text('${name}') } with its type`,
    details: { column: name },
  })
}

/** The one constraint that a callback describes, under its name, for the `was` of a drop. */
export function describedConstraint<Type extends ConstraintDefinition['type']>(
  table: QualifiedName,
  type: Type,
  name: string,
  define: (table: TableBuilder) => unknown,
): Extract<ConstraintDefinition, { type: Type }> {
  const { definition } = describeTable(table, define, { isPartial: true })
  const [constraint, ...others] = definition.constraints
  if (constraint && isOf(constraint, type) && others.length === 0) return { ...constraint, name }
  throw new BuilderError('BAD_DEFINITION', {
    what: `"was" of constraint "${name}" must describe that constraint, and only it`,
    fix: "write { was: (table) => table.unique(['email']) }, with the call that made it",
    details: { constraint: name },
  })
}

function isOf<Type extends ConstraintDefinition['type']>(
  constraint: ConstraintDefinition,
  type: Type,
): constraint is Extract<ConstraintDefinition, { type: Type }> {
  return constraint.type === type
}

import type {
  ColumnDefinition,
  ConstraintDefinition,
  IndexDefinition,
  QualifiedName,
  TableDefinition,
} from '../definitions.ts'
import type { Operation } from '../operation.ts'
import { added } from './added.ts'
import { useColumn } from './column-use.ts'
import { textsOfConstraint, textsOfIndex } from './expressions.ts'
import { mergedKeys } from './merged-keys.ts'

/** What is known of one table: how it was made, and what was made on it since. */
export class TableMemory {
  table: QualifiedName
  columns: ColumnDefinition[]
  constraints: ConstraintDefinition[]
  indexes: IndexDefinition[] = []
  /** Operations on this table that a new one would need again: comments, triggers, policies. */
  attached: Operation[] = []
  rest: Omit<TableDefinition, 'columns' | 'constraints' | 'table'>

  constructor({ table, columns, constraints, ...rest }: TableDefinition) {
    this.table = table
    this.columns = [...columns]
    this.constraints = mergedKeys(constraints).made
    this.rest = rest
  }

  column(name: string): ColumnDefinition | undefined {
    return this.columns.find((column) => column.name === name)
  }

  /** The tables that it is a partition of or inherits from. */
  parents(): readonly QualifiedName[] {
    const { inherits = [], partitionOf } = this.rest
    return partitionOf ? [...inherits, partitionOf.table] : inherits
  }

  /** Whether it has anything that it does not have from its parents. */
  hasOwn(): boolean {
    const parts = [this.columns, this.constraints, this.indexes, this.attached]
    return parts.some(({ length }) => length > 0)
  }

  /** Changes a column; what `without` names is gone unless the change has it. */
  changeColumn(
    name: string,
    change: Partial<ColumnDefinition>,
    without?: 'collate' | 'default' | 'identity',
  ): void {
    this.columns = this.columns.map((column) => {
      if (column.name !== name) return column
      const { default: value, collate, identity, ...rest } = column
      return {
        ...rest,
        ...(value && without !== 'default' && { default: value }),
        ...(collate && without !== 'collate' && { collate }),
        ...(identity && without !== 'identity' && { identity }),
        ...change,
      }
    })
  }

  /** SQL text of the table, a check for example. */
  expressions(): string[] {
    return [
      ...this.constraints.flatMap(textsOfConstraint),
      ...this.indexes.flatMap(textsOfIndex),
      ...this.columns.flatMap(({ generated }) => generated?.expression ?? []),
      ...(this.rest.partitionBy?.keys.flatMap(({ expression }) => expression ?? []) ?? []),
    ]
  }

  /** What speaks of other things than its own columns, constraints and indexes. */
  references(): unknown {
    return [
      this.columns.map(({ name: _name, ...column }) => column),
      this.constraints.map((constraint) =>
        constraint.type === 'foreignKey' ? constraint.references.table : constraint.type,
      ),
      this.indexes.map(({ keys, tablespace }) => [
        keys.map(({ opclass, collate }) => [opclass, collate]),
        tablespace,
      ]),
      this.expressions(),
      this.rest,
      this.attached,
    ]
  }

  /** The constraints that go with a column; `undefined` where that cannot be told. */
  constraintsOn(column: string): ConstraintDefinition[] | undefined {
    return withColumn(this.constraints, (constraint) => {
      if ('columns' in constraint && constraint.columns.includes(column)) return true
      if ('include' in constraint && constraint.include?.includes(column)) return true
      const elements = constraint.type === 'exclude' ? constraint.elements : []
      if (elements.some((element) => element.column === column)) return true
      return useColumn(textsOfConstraint(constraint), column)
    })
  }

  /** The indexes that go with a column; `undefined` where that cannot be told. */
  indexesOn(column: string): IndexDefinition[] | undefined {
    return withColumn(
      this.indexes,
      (index) =>
        index.keys.some((key) => key.column === column) ||
        index.include?.includes(column) === true ||
        useColumn(textsOfIndex(index), column),
    )
  }

  renameColumn(from: string, to: string): void {
    const rename = (name: string): string => (name === from ? to : name)
    this.columns = this.columns.map((column) => ({ ...column, name: rename(column.name) }))
    this.constraints = this.constraints.map((constraint) => renamedIn(constraint, rename))
    this.indexes = this.indexes.map((index) => ({
      ...index,
      keys: index.keys.map((key) =>
        key.column === undefined ? key : { ...key, column: rename(key.column) },
      ),
      ...(index.include && { include: index.include.map(rename) }),
    }))
  }

  definition(): TableDefinition {
    const { table, columns, rest } = this
    const constraints = rest.partitionOf ? [] : mergedKeys(this.constraints).made
    return { table, columns, constraints, ...rest }
  }

  /** What has to follow when the table is made again. */
  followers(): Operation[] {
    const { table } = this
    const indexes = this.indexes.map((index): Operation => ({ kind: 'createIndex', table, index }))
    // A partition is made of its bound alone.
    const own = this.rest.partitionOf ? this.constraints : mergedKeys(this.constraints).leftOut
    return [...own.map((constraint) => added(table, constraint)), ...indexes, ...this.attached]
  }
}

function withColumn<Part>(
  parts: readonly Part[],
  uses: (part: Part) => boolean | undefined,
): Part[] | undefined {
  const answers = parts.map(uses)
  return answers.includes(undefined) ? undefined : parts.filter((_part, index) => answers[index])
}

function renamedIn(
  constraint: ConstraintDefinition,
  rename: (name: string) => string,
): ConstraintDefinition {
  if (!('columns' in constraint)) return constraint
  const columns = constraint.columns.map(rename)
  return 'include' in constraint && constraint.include
    ? { ...constraint, columns, include: constraint.include.map(rename) }
    : { ...constraint, columns }
}

import { BuilderError } from '../errors.ts'
import type { AddPrimaryKey } from '../operations/constraints.ts'
import type {
  ConstraintDefinition,
  DefaultDefinition,
  IndexDefinition,
  QualifiedName,
  TableDefinition,
} from '../operations/definitions.ts'
import { generatedName } from '../operations/generated-name.ts'
import type { DropIndex } from '../operations/indexes.ts'
import { added } from '../operations/memory/added.ts'
import type { Operation } from '../operations/operation.ts'
import { checkIdentifier } from '../sql/identifier.ts'
import type { ColumnChange } from './column-change.ts'
import type { ColumnDraft } from './column-draft.ts'
import { checkType } from './data-type.ts'
import { defaultDefinition } from './default-value.ts'
import { describedColumn } from './described-table.ts'
import { dropConstraint, isDropOfConstraint } from './drop-constraint.ts'
import type { DropConstraintKind, DropConstraintOptions } from './drop-constraint.ts'
import { columnReference, foreignKeyAction, foreignKeyDefinition } from './foreign-key-builder.ts'
import { collation, expression } from './parse.ts'
import { blame, record } from './recorded.ts'
import type { RecordedOperation } from './recorded.ts'
import type { DropColumnOptions } from './table-builder.ts'
import { TableNames } from './table-names.ts'
import type { TableRecorder } from './table-recorder.ts'

/** Records one operation for each call, in call order. */
export class AlterTableRecorder implements TableRecorder {
  readonly #table: QualifiedName
  readonly #names: TableNames
  // Functions, because a column or foreign key is complete only when its chain has ended.
  readonly #entries: { operations: () => readonly Operation[]; trace: Error }[] = []
  /** Types of the columns added here, for the defaults that `alterColumn` gives them. */
  readonly #types = new Map<string, string>()

  constructor(table: QualifiedName) {
    this.#table = table
    this.#names = new TableNames(table)
  }

  claimPrimaryKey(): void {
    this.#names.claimPrimaryKey()
  }

  addColumn(column: ColumnDraft, createType: Operation | undefined, trace: Error): void {
    this.#names.addColumn(column.name)
    this.#types.set(column.name, column.type)
    this.#push(trace, () => [
      ...(createType ? [createType] : []),
      ...this.#newColumn(column),
      ...column.constraints(this.#table).map((constraint) => added(this.#table, constraint)),
    ])
  }

  #newColumn(draft: ColumnDraft): Operation[] {
    const table = this.#table
    const column = draft.definition()
    if (!draft.backfill) return [{ kind: 'addColumn', table, column }]
    return [
      { kind: 'addColumn', table, column: { ...column, nullable: true } },
      { kind: 'fill', table, column: column.name, value: draft.backfill },
      ...(column.nullable
        ? []
        : [{ kind: 'setNotNull', table, column: column.name } satisfies Operation]),
    ]
  }

  columnType(name: string): string | undefined {
    return this.#types.get(name)
  }

  alterColumn(name: string, change: ColumnChange, trace: Error): void {
    checkIdentifier(name)
    const operations = [
      ...this.#oldDefault(name, change),
      ...this.#typeChange(name, change),
      ...this.#newDefault(name, change),
      ...this.#nullableChange(name, change),
      ...this.#constraintChanges(name, change),
    ]
    if (operations.length === 0) {
      throw new BuilderError('BAD_DEFINITION', {
        what: `alterColumn("${name}") changes nothing`,
        fix: "say what to change: alterColumn('price', { type: 'bigint' })",
        details: { column: name },
      })
    }
    if (change.type !== undefined) this.#types.set(name, change.type)
    this.#push(trace, () => operations)
  }

  dropColumn(column: string, options: DropColumnOptions, trace: Error): void {
    checkIdentifier(column)
    this.#names.dropColumn(column)
    if (options.ifExists && options.was) {
      throw new BuilderError('BAD_DEFINITION', {
        what: `dropColumn("${column}") has both ifExists and was`,
        why: 'where it may not have been there, nothing says whether to bring it back',
        fix: 'leave out ifExists, or was',
        details: { column },
      })
    }
    const was = options.was && describedColumn(this.#table, column, options.was)
    this.#push(trace, () => [
      {
        kind: 'dropColumn',
        table: this.#table,
        column,
        ...(options.cascade && { cascade: true }),
        ...(options.ifExists && { ifExists: true }),
        ...(was && { was }),
      },
    ])
  }

  renameColumn(from: string, to: string, trace: Error): void {
    checkIdentifier(from)
    checkIdentifier(to)
    this.#names.renameColumn(from, to)
    this.#push(trace, () => [{ kind: 'renameColumn', table: this.#table, from, to }])
  }

  addConstraint(
    definition: () => ConstraintDefinition,
    trace: Error,
    was?: AddPrimaryKey['was'],
  ): void {
    this.#push(trace, () => {
      const operation = added(this.#table, definition())
      return [operation.kind === 'addPrimaryKey' && was ? { ...operation, was } : operation]
    })
  }

  dropConstraint(
    kind: DropConstraintKind,
    name: string,
    options: DropConstraintOptions,
    trace: Error,
  ): void {
    const operation = dropConstraint(kind, this.#table, name, options)
    if (kind === 'dropPrimaryKey') this.#names.releasePrimaryKey()
    this.#push(trace, () => [operation])
  }

  createIndex(index: IndexDefinition, concurrently: boolean, trace: Error): void {
    this.#names.addIndex(index.name)
    this.#push(trace, () => [
      { kind: 'createIndex', table: this.#table, index, ...(concurrently && { concurrently }) },
    ])
  }

  dropIndex(operation: DropIndex, trace: Error): void {
    this.#names.dropIndex(operation.name)
    this.#push(trace, () => [operation])
  }

  tableOption(option: Partial<TableDefinition>): void {
    const [name = 'this'] = Object.keys(option)
    throw new BuilderError('BAD_DEFINITION', {
      what: `${name} is for new tables`,
      why: `alterTable changes table "${this.#table.name}", which is there`,
      fix: 'call it in createTable, or see setUnlogged, inherit and attachPartition',
    })
  }

  change(operation: Operation, trace: Error): void {
    this.#push(trace, () => [operation])
  }

  follow(operation: Operation, trace: Error): void {
    this.#push(trace, () => [operation])
  }

  finish(): RecordedOperation[] {
    return this.#entries.flatMap(({ operations, trace }) =>
      blame(trace, () => {
        const recorded = operations()
        for (const operation of recorded) this.#nameConstraint(operation)
        return recorded
      }).map((operation) => record(operation, trace)),
    )
  }

  #push(trace: Error, operations: () => readonly Operation[]): void {
    this.#entries.push({ operations, trace })
  }

  /** In call order, and only now: before, chains may still add constraints. */
  #nameConstraint(operation: Operation): void {
    if ('constraint' in operation && typeof operation.constraint === 'object') {
      this.#names.addConstraint(operation.constraint.name)
    }
    if (isDropOfConstraint(operation)) this.#names.dropConstraint(operation.name)
  }

  #typeChange(column: string, change: ColumnChange): Operation[] {
    const { type, using, collate } = change
    if (type === undefined) {
      if (using === undefined && collate === undefined) return []
      throw new BuilderError('BAD_DEFINITION', {
        what: `alterColumn("${column}") has ${collate === undefined ? 'using' : 'collate'} without type`,
        why: 'PostgreSQL changes them together with the type',
        fix: `add the type, the present one if it stays: alterColumn('${column}', { type: 'text', … })`,
        details: { column },
      })
    }
    return [
      {
        kind: 'alterColumnType',
        table: this.#table,
        column,
        type: checkType(type),
        ...(using !== undefined && { using: expression(using, 'using') }),
        ...(collate !== undefined && { collate: collation(collate) }),
        ...(change.was?.type !== undefined && {
          was: {
            type: checkType(change.was.type),
            ...(change.was.using !== undefined && { using: expression(change.was.using, 'using') }),
            ...(change.was.collate !== undefined && { collate: collation(change.was.collate) }),
          },
        }),
      },
    ]
  }

  /** An old default goes before the type changes: PostgreSQL would try to convert it. */
  #oldDefault(column: string, change: ColumnChange): Operation[] {
    if (change.dropDefault && change.defaultValue !== undefined) {
      throw new BuilderError('BAD_DEFINITION', {
        what: `alterColumn("${column}") both sets and drops the default`,
        fix: 'keep one of defaultValue and dropDefault',
        details: { column },
      })
    }
    const isReplaced = change.type !== undefined && change.defaultValue !== undefined
    if (!change.dropDefault && !isReplaced) return []
    return [
      { kind: 'dropDefault', table: this.#table, column, ...this.#defaultBefore(column, change) },
    ]
  }

  #newDefault(column: string, change: ColumnChange): Operation[] {
    const { type, defaultValue } = change
    if (defaultValue === undefined) return []
    const known = type ?? this.#types.get(column)
    if (known === undefined && Array.isArray(defaultValue)) {
      throw new BuilderError('BAD_VALUE', {
        what: `the default of column "${column}" can be an array or JSON`,
        why: 'its type is not known here',
        fix: "write it as SQL: defaultValue: sql`'[]'::jsonb`, or give the type too",
        details: { column },
      })
    }
    // With an unknown type, now() is the function, as it has always been in this builder.
    const assumed = defaultValue === 'now()' ? 'timestamptz' : 'unknown'
    return [
      {
        kind: 'setDefault',
        table: this.#table,
        column,
        default: defaultDefinition(defaultValue, known ?? assumed),
        // With a new type the old default has gone before.
        ...(type === undefined ? this.#defaultBefore(column, change) : { was: null }),
      },
    ]
  }

  #defaultBefore(column: string, { was }: ColumnChange): { was?: DefaultDefinition | null } {
    if (was?.noDefault) return { was: null }
    if (was?.defaultValue === undefined) return {}
    const type = was.type ?? this.#types.get(column) ?? 'unknown'
    return { was: defaultDefinition(was.defaultValue, type) }
  }

  #nullableChange(column: string, { nullable }: ColumnChange): Operation[] {
    if (nullable === undefined) return []
    return [{ kind: nullable ? 'setNullable' : 'setNotNull', table: this.#table, column }]
  }

  #constraintChanges(column: string, change: ColumnChange): Operation[] {
    const table = this.#table
    const own = (suffix: string): string => generatedName([table.name, column], suffix)
    const primaryKey = generatedName([table.name], 'pkey')
    const columns = [column]
    const operations: Operation[] = []
    if (change.primary === true) {
      this.#names.claimPrimaryKey()
      operations.push(added(table, { type: 'primaryKey', name: primaryKey, columns }))
    }
    if (change.primary === false) {
      this.#names.releasePrimaryKey()
      operations.push({ kind: 'dropPrimaryKey', table, name: primaryKey })
    }
    if (change.unique === true) {
      operations.push(added(table, { type: 'unique', name: own('key'), columns }))
    }
    if (change.unique === false) {
      operations.push({ kind: 'dropUnique', table, name: own('key') })
    }
    if (change.check !== undefined) {
      const condition = expression(change.check, 'check')
      operations.push(added(table, { type: 'check', name: own('check'), expression: condition }))
    }
    if (change.references) {
      const { table: target, column: referenced = 'id', onDelete, onUpdate } = change.references
      const reference = {
        ...columnReference(target, referenced),
        ...(onDelete && { onDelete: foreignKeyAction(onDelete) }),
        ...(onUpdate && { onUpdate: foreignKeyAction(onUpdate) }),
      }
      operations.push(added(table, foreignKeyDefinition(own('fkey'), columns, reference)))
    }
    return operations
  }
}

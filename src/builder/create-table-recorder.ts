import { BuilderError } from '../errors.ts'
import type { AddPrimaryKey } from '../operations/constraints.ts'
import type {
  ConstraintDefinition,
  IndexDefinition,
  QualifiedName,
  TableDefinition,
} from '../operations/definitions.ts'
import type { DropIndex } from '../operations/indexes.ts'
import type { Operation } from '../operations/operation.ts'
import type { ColumnChange } from './column-change.ts'
import type { ColumnDraft } from './column-draft.ts'
import { checkType } from './data-type.ts'
import { defaultDefinition } from './default-value.ts'
import type { DropConstraintKind } from './drop-constraint.ts'
import { columnReference, foreignKeyAction } from './foreign-key-builder.ts'
import { collation, expression } from './parse.ts'
import { blame, record } from './recorded.ts'
import type { RecordedOperation } from './recorded.ts'
import { TableNames, unknownColumn } from './table-names.ts'
import type { TableRecorder } from './table-recorder.ts'

/** Gathers one CREATE TABLE, and what follows it: indexes and raw SQL, in call order. */
export class CreateTableRecorder implements TableRecorder {
  readonly #table: QualifiedName
  readonly #trace: Error
  readonly #names: TableNames
  readonly #columns = new Map<string, ColumnDraft>()
  // Functions, because a column or foreign key is complete only when its chain has ended.
  readonly #constraints: { definition: () => ConstraintDefinition; trace: Error }[] = []
  readonly #traces = new Map<ColumnDraft, Error>()
  readonly #before: RecordedOperation[] = []
  #options: Partial<TableDefinition> = {}
  #after: { operation: Operation; trace: Error }[] = []

  /** A partial description, of one constraint for example, speaks of columns it does not have. */
  readonly #isPartial: boolean

  constructor(
    table: QualifiedName,
    trace: Error,
    { isPartial = false }: { readonly isPartial?: boolean } = {},
  ) {
    this.#isPartial = isPartial
    this.#table = table
    this.#trace = trace
    this.#names = new TableNames(table)
  }

  claimPrimaryKey(): void {
    this.#names.claimPrimaryKey()
  }

  addColumn(column: ColumnDraft, createType: Operation | undefined, trace: Error): void {
    this.#names.addColumn(column.name)
    this.#columns.set(column.name, column)
    this.#traces.set(column, trace)
    if (createType) this.#before.push(record(createType, trace))
  }

  columnType(name: string): string | undefined {
    return this.#columns.get(name)?.type
  }

  alterColumn(name: string, change: ColumnChange): void {
    const draft = this.#draft('alterColumn', name)
    if (change.type !== undefined) draft.type = checkType(change.type)
    if (change.collate !== undefined) draft.collate = collation(change.collate)
    if (change.nullable !== undefined) draft.nullable = change.nullable
    if (change.defaultValue !== undefined) {
      draft.default = defaultDefinition(change.defaultValue, draft.type)
    }
    if (change.dropDefault) draft.default = undefined
    if (change.primary) draft.setPrimary()
    if (change.unique !== undefined) draft.unique = change.unique ? {} : undefined
    if (change.check !== undefined) {
      draft.check = expression(change.check, 'check')
      draft.checkName = undefined
    }
    if (change.references) {
      const { table, column = 'id', onDelete, onUpdate } = change.references
      draft.references = {
        ...columnReference(table, column),
        ...(onDelete && { onDelete: foreignKeyAction(onDelete) }),
        ...(onUpdate && { onUpdate: foreignKeyAction(onUpdate) }),
      }
    }
  }

  dropColumn(name: string): void {
    this.#draft('dropColumn', name)
    this.#names.dropColumn(name)
  }

  renameColumn(from: string, to: string): void {
    const draft = this.#draft('renameColumn', from)
    this.#names.renameColumn(from, to)
    draft.name = to
    // Rebuilt, not appended: the column keeps its place in the table.
    const columns = [...this.#columns.values()]
    this.#columns.clear()
    for (const column of columns) this.#columns.set(column.name, column)
  }

  addConstraint(
    definition: () => ConstraintDefinition,
    trace: Error,
    was?: AddPrimaryKey['was'],
  ): void {
    if (was) {
      throw new BuilderError('BAD_DEFINITION', {
        what: `{ was } of the primary key says what columns were, but table "${this.#table.name}" is new`,
        fix: 'leave { was } out',
        details: { table: this.#table.name },
      })
    }
    this.#constraints.push({ definition, trace })
  }

  dropConstraint(kind: DropConstraintKind): void {
    throw this.#forExistingTables(kind)
  }

  createIndex(index: IndexDefinition, concurrently: boolean, trace: Error): void {
    this.#names.addIndex(index.name)
    this.follow(
      { kind: 'createIndex', table: this.#table, index, ...(concurrently && { concurrently }) },
      trace,
    )
  }

  dropIndex({ name }: DropIndex): void {
    const kept = this.#after.filter(
      ({ operation }) => !(operation.kind === 'createIndex' && operation.index.name === name),
    )
    if (kept.length === this.#after.length) {
      throw new BuilderError('UNKNOWN_INDEX', {
        what: `dropIndex failed: Index "${name}" does not exist`,
        why: `createTable has not created it in this callback`,
        fix: 'leave the dropIndex call out, or move it to alterTable',
        details: { index: name },
      })
    }
    this.#names.dropIndex(name)
    this.#after = kept
  }

  tableOption(option: Partial<TableDefinition>): void {
    const { like = [], inherits = [] } = option
    this.#options = {
      ...this.#options,
      ...option,
      ...(like.length > 0 && { like: [...(this.#options.like ?? []), ...like] }),
      ...(inherits.length > 0 && { inherits: [...(this.#options.inherits ?? []), ...inherits] }),
    }
  }

  change({ kind }: Operation): void {
    throw this.#forExistingTables(kind)
  }

  follow(operation: Operation, trace: Error): void {
    // What is new has had no comment.
    const isFirst = operation.kind === 'comment' && operation.was === undefined
    this.#after.push({ operation: isFirst ? { ...operation, was: null } : operation, trace })
  }

  finish(): RecordedOperation[] {
    const drafts = [...this.#columns.values()]
    const constraints = [
      ...drafts.flatMap((draft) =>
        blame(this.#traces.get(draft) ?? this.#trace, () =>
          draft.constraints(this.#table).map((constraint) => this.#checked(constraint)),
        ),
      ),
      ...this.#constraints.map(({ definition, trace }) =>
        blame(trace, () => this.#checked(definition())),
      ),
    ]
    for (const { operation, trace } of this.#after) {
      if (operation.kind !== 'createIndex') continue
      const columns = operation.index.keys.flatMap(({ column }) => column ?? [])
      blame(trace, () => this.#assertColumns(columns))
    }
    const create: Operation = {
      kind: 'createTable',
      table: this.#table,
      columns: drafts.map((draft) => draft.definition()),
      constraints,
      ...this.#options,
    }
    return [
      ...this.#before,
      record(create, this.#trace),
      ...this.#after.map(({ operation, trace }) => record(operation, trace)),
    ]
  }

  #draft(method: string, name: string): ColumnDraft {
    const draft = this.#columns.get(name)
    if (draft) return draft
    throw unknownColumn(`${method} failed: Column "${name}" does not exist`, [
      ...this.#columns.keys(),
    ])
  }

  #forExistingTables(kind: Operation['kind']): BuilderError {
    return new BuilderError('BAD_DEFINITION', {
      what: `${kind} changes a table that is there`,
      why: `createTable is only making table "${this.#table.name}"`,
      fix: `call it on builder.alterTable('${this.#table.name}', …)`,
    })
  }

  #checked(constraint: ConstraintDefinition): ConstraintDefinition {
    this.#names.addConstraint(constraint.name)
    if ('columns' in constraint) this.#assertColumns(constraint.columns)
    return constraint
  }

  #assertColumns(names: readonly string[]): void {
    // Columns that come from other tables are not known here.
    if (this.#isPartial || this.#options.like || this.#options.inherits) return
    const missing = names.find((name) => !this.#columns.has(name))
    if (missing === undefined) return
    throw unknownColumn(`table "${this.#table.name}" has no column "${missing}"`, [
      ...this.#columns.keys(),
    ])
  }
}

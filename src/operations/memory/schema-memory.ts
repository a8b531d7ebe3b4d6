import type { QualifiedName } from '../definitions.ts'
import type { Operation } from '../operation.ts'
import type { RoleName } from '../roles.ts'
import { completeColumn } from './column-steps.ts'
import { completeConstraint } from './constraint-steps.ts'
import { forgetBefore, forgetRenamed } from './doubts.ts'
import { completeIndex } from './index-steps.ts'
import { key } from './key.ts'
import { NewColumns } from './new-columns.ts'
import { completeObject } from './object-steps.ts'
import { commentMemory, ownerMemory } from './said-memory.ts'
import type { SaidMemory } from './said-memory.ts'
import type { TableMemory } from './table-memory.ts'
import { completeTable } from './table-steps.ts'

/**
 * Follows operations in order and remembers what they make, so that an operation that destroys
 * something of it can carry what it destroys. It knows nothing that was there before, and forgets
 * what may have become different in a way that is not followed.
 */
export class SchemaMemory {
  readonly #tables = new Map<string, TableMemory>()
  /** Other objects: the operation that made each, by kind and name. */
  readonly objects: Map<string, Operation> = new Map()
  readonly comments: SaidMemory<string> = commentMemory()
  readonly owners: SaidMemory<RoleName> = ownerMemory()
  readonly newColumns: NewColumns = new NewColumns()

  /** The operation, with `was` filled in where it is missing and known; then it is remembered. */
  complete(operation: Operation): Operation {
    if (operation.kind === 'reversible') {
      return { ...operation, operation: this.complete(operation.operation) }
    }
    forgetBefore(this, operation)
    const completed = this.#step(operation)
    this.comments.follow(operation)
    this.owners.follow(operation)
    this.newColumns.follow(operation)
    forgetRenamed(this, operation)
    if ('cascade' in operation && operation.cascade) this.forgetAll()
    return completed
  }

  table(name: QualifiedName): TableMemory | undefined {
    return this.#tables.get(key(name))
  }

  tables(): readonly TableMemory[] {
    return [...this.#tables.values()]
  }

  children(name: QualifiedName): TableMemory[] {
    return this.tables().filter((table) => table.parents().some((one) => key(one) === key(name)))
  }

  /** The partitions of a table, and theirs, and what inherits from them. */
  descendants(name: QualifiedName): TableMemory[] {
    return this.children(name).flatMap((child) => [child, ...this.descendants(child.table)])
  }

  remember(table: TableMemory): void {
    this.#tables.set(key(table.table), table)
  }

  /** It is no longer there, or no longer what it was: nothing more is known. */
  remove(name: QualifiedName): void {
    this.#tables.delete(key(name))
  }

  /** What is there is not known any more, nor what the tables above it would take along. */
  forget(name: QualifiedName): void {
    const parents = this.table(name)?.parents() ?? []
    this.remove(name)
    for (const parent of parents) this.forget(parent)
  }

  /** What was said of what one of these names may stand for. */
  forgetSaid(names: ReadonlySet<string>): void {
    this.comments.forget(names)
    this.owners.forget(names)
  }

  /** Everything about a table that may have changed in a way that is not followed. */
  forgetAll(): void {
    this.forgetMade()
    this.comments.clear()
    this.owners.clear()
    this.newColumns.clear()
  }

  /** Made anew, things would not be what they are now. What is said of them has not changed. */
  forgetMade(): void {
    this.#tables.clear()
    this.objects.clear()
  }

  #step(operation: Operation): Operation {
    for (const step of [completeTable, completeColumn, completeConstraint, completeIndex]) {
      const completed = step(this, operation)
      if (completed) return completed
    }
    return completeObject(this, operation)
  }
}

/**
 * The operations, each with what it destroys where an earlier one of them made it. Drops of things
 * made in the same list can then be undone exactly.
 */
export function withMemory(operations: readonly Operation[]): Operation[] {
  const memory = new SchemaMemory()
  return operations.map((operation) => memory.complete(operation))
}

import type { Catalog } from './catalog.ts'
import { type ColumnType, printType } from './column-type.ts'
import type { Scope, Source } from './scope.ts'
import { fail, refuse, type SqlNode } from './sql-node.ts'
import type { Expression, Untyped } from './typed.ts'

/** What a statement is read against. */
export interface Context {
  readonly readers: Readers
  readonly catalog: Catalog
  readonly parameters: Parameters
  /** When the transaction began: `now()` does not move in it. */
  readonly now: Date
  /** Queries of `WITH`, and views, by name. */
  readonly subqueries: ReadonlyMap<string, Subquery>
}

/** What reads a statement: its parts contain each other, the files that read them do not. */
export interface Readers {
  expression(node: SqlNode, place: Place): Expression
  query(node: SqlNode, context: Context, outer: Scope | undefined): Subquery
}

/** Reads an expression inside another. */
export function read(node: SqlNode, place: Place): Expression {
  return place.context.readers.expression(node, place)
}

/** Reads a query inside a statement. */
export function readQuery(node: SqlNode, context: Context, outer?: Scope): Subquery {
  return context.readers.query(node, context, outer)
}

export interface Subquery {
  /** What pg-mem runs. */
  readonly node: SqlNode
  readonly columns: Source['columns']
}

/** Where in a statement an expression is. */
export interface Place {
  readonly context: Context
  readonly scope: Scope
  /** NULL counts as false here, as in WHERE: what pg-mem takes for false may be NULL. */
  readonly isCondition?: boolean
  /** Aggregates may be here. */
  readonly hasAggregates?: boolean
  /** It is computed once, not per row. */
  readonly isOnce?: boolean
}

/** The same place inside an expression that tells NULL from false. */
export function exactly(place: Place): Place {
  return { ...place, isCondition: false }
}

/** Parameters of a statement: each has the type of the first place it is at, as in PostgreSQL. */
export class Parameters {
  readonly #values: readonly (string | null)[]
  readonly #types = new Map<number, string>()

  constructor(values: readonly (string | null)[]) {
    this.#values = values
  }

  /** @param name - As written: `$1`. */
  at(name: string): Untyped {
    const index = Number(name.slice(1)) - 1
    const text = this.#values[index]
    if (text === undefined) {
      fail('08P01', `there is no value for the parameter ${name}`)
    }
    return { text, onType: (type) => this.#note(index, type) }
  }

  #note(index: number, type: ColumnType): void {
    // The length of a varchar is no part of it.
    const name = type.name === 'numeric' ? 'numeric' : printType(type).replace(/\(.*/, '')
    const known = this.#types.get(index)
    this.#types.set(index, name)
    if (known === undefined || known === name) return
    refuse(`$${index + 1} is at places of type ${known} and ${name}`)
  }
}

import type { ColumnType } from './column-type.ts'
import { fail, refuse, type SqlNode } from './sql-node.ts'

export interface NamedType {
  readonly name: string
  readonly type: ColumnType
}

/** A table, view or subquery that a statement reads from, under its alias. */
export interface Source {
  readonly alias: string
  readonly columns: readonly NamedType[]
}

/** What names mean at a place of a statement. */
export interface Scope {
  readonly sources: readonly Source[]
  /** What is around a subquery: pg-mem cannot reach it. */
  readonly outer?: Scope | undefined
}

export interface Found {
  readonly source: Source
  readonly column: NamedType
}

/** @throws what PostgreSQL says of a column that is not there, or there twice. */
export function findColumn(scope: Scope, name: string, alias: string | undefined): Found {
  const found = matches(scope, name, alias)
  if (found.length > 1) fail('42702', `column reference "${name}" is ambiguous`)
  const [first] = found
  if (first) return first
  for (let outer = scope.outer; outer; outer = outer.outer) {
    if (matches(outer, name, alias).length > 0) {
      refuse(`a subquery that refers to "${name}" of the query around it is not emulated`)
    }
  }
  if (alias !== undefined && !scope.sources.some((source) => source.alias === alias)) {
    return fail('42P01', `missing FROM-clause entry for table "${alias}"`)
  }
  if (alias === undefined && scope.sources.some((source) => source.alias === name)) {
    refuse('a whole row as a value is not emulated')
  }
  const shown = alias === undefined ? `"${name}"` : `${alias}.${name}`
  return fail('42703', `column ${shown} does not exist`, { column: name })
}

function matches(scope: Scope, name: string, alias: string | undefined): Found[] {
  return scope.sources
    .filter((source) => alias === undefined || source.alias === alias)
    .flatMap((source) =>
      source.columns.filter((column) => column.name === name).map((column) => ({ source, column })),
    )
}

/** A column by its full name. */
export function columnNode({ source, column }: Found): SqlNode {
  return { type: 'ref', table: { name: source.alias }, name: column.name }
}

import type { SchemaBuilder } from '../../src/builder/schema-builder.ts'

/** A table as a user keeps it in mind while changing it. */
export interface Table {
  name: string
  columns: string[]
  indexes: string[]
  checks: string[]
  uniques: string[]
  readonly hasKey: boolean
  /** Something hangs on it that makes renames and drops a question of order. */
  isBound: boolean
}

/** Something else that was made and can be changed, by the kind of thing it is. */
export interface Thing {
  readonly sort:
    | 'aggregate'
    | 'composite'
    | 'domain'
    | 'enum'
    | 'function'
    | 'materialized'
    | 'procedure'
    | 'schema'
    | 'sequence'
    | 'view'
  name: string
}

export interface World {
  tables: Table[]
  objects: Thing[]
}

/** Two numbers that choose, and a name that nothing has yet. */
export interface Choice {
  readonly pick: number
  readonly other: number
  readonly name: string
}

export type Change = (builder: SchemaBuilder, world: World, choice: Choice) => void

export function at<T>(list: readonly T[], index: number): T | undefined {
  return list[index % Math.max(list.length, 1)]
}

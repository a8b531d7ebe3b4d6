import type { SchemaBuilder } from '../../src/builder/schema-builder.ts'

/** A table as a user keeps it in mind while changing it. */
export interface Table {
  name: string
  columns: string[]
  indexes: string[]
  checks: string[]
  uniques: string[]
  /** Columns that are `text NOT NULL`, and nothing hangs on them. */
  texts: string[]
  /** Its first column is the primary key. */
  readonly hasKey: boolean
  /** The default of its first column. */
  value: number | null
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
  /** Drops it, and says what it was: it may be older than what is recorded now. */
  readonly drop: (builder: SchemaBuilder, name: string) => unknown
}

export interface World {
  tables: Table[]
  objects: Thing[]
  /** Something is written in PL/pgSQL, and would go with the extension. */
  hasPlpgsql: boolean
  /** What is recorded now is there already when the steps that are undone begin. */
  isOlder: boolean
}

export const emptyWorld = (): World => ({
  tables: [],
  objects: [],
  hasPlpgsql: false,
  isOlder: true,
})

export function copyWorld(world: World): World {
  return {
    ...world,
    tables: structuredClone(world.tables),
    objects: world.objects.map((thing) => ({ ...thing })),
  }
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

import { BuilderError } from '../errors.ts'
import type { ForeignKeyAction, QualifiedName } from '../operations/definitions.ts'
import { parseName } from './names.ts'
import type { NameInput } from './names.ts'
import { singular } from './singular.ts'
import { isTableValue } from './table-value.ts'
import type { TableValue } from './table-value.ts'

/** A table, by its name or as the value that `defineTable` made. */
export type TableReference = NameInput | TableValue

export interface BelongsToOptions {
  /** What the other row is to this one: `'author'` makes `author_id`. Default: the table's singular. */
  readonly as?: string
  /** The name of the column. Default: `<as>_id`. */
  readonly name?: string
  /** Default: `false`. */
  readonly nullable?: boolean
  readonly onDelete?: ForeignKeyAction
  readonly onUpdate?: ForeignKeyAction
  /** An index on the column, which deletes in the other table want. Default: `true`. */
  readonly index?: boolean
  /** The referenced column. Default: `id`. */
  readonly column?: string
  /** The type of the column. Default: that of the referenced column. */
  readonly type?: string
}

export function referencedTable(reference: TableReference): QualifiedName {
  return parseName(isTableValue(reference) ? reference.table : reference)
}

/** The one type that keys of different tables share, for a column that points to any of them. */
export function commonType(types: readonly (string | undefined)[]): string | undefined {
  const known = new Set(types.filter((type) => type !== undefined))
  if (known.size > 1) {
    throw new BuilderError('BAD_DEFINITION', {
      what: `belongsToAny points to keys of different types: ${[...known].join(', ')}`,
      fix: "choose tables with keys of one type, or give it: { type: 'text' }",
    })
  }
  const [type] = known
  return type
}

/** The type of a column that points to a key of this type. */
export function referencingType(type: string): string {
  const plain = type.trim().toLowerCase()
  const numbered = /^(big|small)?serial$/.exec(plain)
  if (!numbered) return type
  return numbered[1] === undefined ? 'integer' : `${numbered[1]}int`
}

/** One of the two tables that `manyToMany` connects, and the column that points to it. */
interface JunctionSide {
  readonly reference: TableReference
  readonly table: QualifiedName
  readonly key: string
}

/** The two sides of `manyToMany`, by the alphabet; `columns` are in the order of the call. */
export function junctionSides(
  first: TableReference,
  second: TableReference,
  columns: readonly [string, string] | undefined,
): JunctionSide[] {
  const sides = [first, second]
    .map((reference, index) => {
      const table = referencedTable(reference)
      return { reference, table, key: columns?.[index] ?? `${singular(table.name)}_id` }
    })
    .toSorted((a, b) => (a.table.name < b.table.name ? -1 : 1))
  const keys = sides.map(({ key }) => key)
  if (new Set(keys).size === keys.length) return sides
  throw new BuilderError('DUPLICATE_COLUMN', {
    what: `both columns of manyToMany are named "${keys[0]}"`,
    fix: "name them: builder.manyToMany('users', 'users', { columns: ['follower_id', 'followed_id'] })",
  })
}

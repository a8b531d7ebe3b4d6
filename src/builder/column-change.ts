import type { ForeignKeyAction } from '../operations/definitions.ts'
import type { DefaultInput } from './default-value.ts'
import type { NameInput } from './names.ts'
import type { Sql } from './sql-fragment.ts'

/** What `table.alterColumn` can change; parts that are left out stay as they are. */
export interface ColumnChange {
  /** The new type, as SQL writes it. */
  readonly type?: string
  /** How an old value becomes a new one, where PostgreSQL does not know: `'age::integer'`. */
  readonly using?: string | Sql
  /** The collation; needs `type` in `alterTable`, because PostgreSQL changes both at once. */
  readonly collate?: NameInput
  /** `true` drops NOT NULL, `false` sets it. */
  readonly nullable?: boolean
  /** The new default, with the rules of `defaultTo`. */
  readonly defaultValue?: DefaultInput
  /** Removes the default. */
  readonly dropDefault?: boolean
  /**
   * `true` adds the primary key, `false` drops `<table>_pkey`. Where the undo has to know more than this
   * migration tells, `table.primary` and `table.dropPrimaryKey` take it as `was`.
   */
  readonly primary?: boolean
  /**
   * `true` adds a unique constraint, `false` drops `<table>_<column>_key`. To undo the drop of an older
   * one, call `table.dropUnique` with `was`.
   */
  readonly unique?: boolean
  /** Adds a check constraint. */
  readonly check?: string | Sql
  /** Adds a foreign key. */
  readonly references?: {
    readonly table: NameInput
    /** Default: `id`. */
    readonly column?: string
    readonly onDelete?: ForeignKeyAction
    readonly onUpdate?: ForeignKeyAction
  }
  /** What was there before, so that the change can be undone. */
  readonly was?: {
    readonly type?: string
    readonly using?: string | Sql
    readonly collate?: NameInput
    /** The default before. */
    readonly defaultValue?: DefaultInput
    /** There was no default before. */
    readonly noDefault?: true
  }
}

import { BuilderError } from '../errors.ts'
import { defined } from '../operations/defined.ts'
import type { MaterializedViewDefinition, ViewDefinition } from '../operations/views.ts'
import { checkIdentifier } from '../sql/identifier.ts'
import { parseColumns } from './names.ts'
import { assertOneOf } from './parse.ts'
import { query } from './query.ts'
import type { ReplaceOptions } from './replacement.ts'
import type { Sql } from './sql-fragment.ts'

/** What a view is besides its name and its query. */
export interface ViewOptions {
  /** Names of the columns. Default: those that the query gives. */
  readonly columns?: string | readonly string[]
  /** The query may use the view itself; needs `columns`. Default: `false`. */
  readonly recursive?: boolean
  /** Gone when the session ends. Default: `false`. */
  readonly temporary?: boolean
  /** No function of a query on the view sees rows that the view hides. Default: `false`. */
  readonly securityBarrier?: boolean
  /** Privileges and policies of who reads the view count, not those of its owner. Default: `false`. */
  readonly securityInvoker?: boolean
  /** Refuses writes through the view that it would not show. Default: none is refused. */
  readonly checkOption?: 'cascaded' | 'local'
}

/** What a dropped or replaced view was. */
export interface ViewInput extends ViewOptions {
  readonly query: string | Sql
}

export interface CreateViewOptions extends ViewOptions, ReplaceOptions<ViewInput> {}

export interface MaterializedViewOptions {
  /** Names of the columns. Default: those that the query gives. */
  readonly columns?: string | readonly string[]
  /** Storage parameters: `{ fillfactor: 70 }`. */
  readonly with?: Readonly<Record<string, string | number | boolean>>
  readonly tablespace?: string
  /** `false`: empty, and not to be read, until it is refreshed. Default: `true`. */
  readonly withData?: boolean
}

/** What a dropped materialized view was. */
export interface MaterializedViewInput extends MaterializedViewOptions {
  readonly query: string | Sql
}

export interface RefreshOptions {
  /** Without blocking queries; needs a unique index. Default: `false`. */
  readonly concurrently?: boolean
  /** `false`: empties it; it cannot be read until the next refresh. Default: `true`. */
  readonly withData?: boolean
}

export function viewDefinition(input: ViewInput): ViewDefinition {
  const { columns, checkOption, recursive, temporary, securityBarrier, securityInvoker } = input
  if (recursive && columns === undefined) {
    throw new BuilderError('BAD_DEFINITION', {
      what: 'a recursive view must name its columns',
      fix: "add { columns: ['id', 'parent_id'] }",
    })
  }
  return {
    query: query(input.query, 'a view'),
    ...(columns !== undefined && { columns: parseColumns(columns) }),
    ...(recursive && { recursive }),
    ...(temporary && { temporary }),
    ...(securityBarrier && { securityBarrier }),
    ...(securityInvoker && { securityInvoker }),
    ...(checkOption && {
      checkOption: assertOneOf('checkOption', ['CASCADED', 'LOCAL'], checkOption),
    }),
  }
}

export function materializedViewDefinition(
  input: MaterializedViewInput,
): MaterializedViewDefinition {
  const { columns, tablespace, withData } = input
  if (tablespace !== undefined) checkIdentifier(tablespace)
  return {
    query: query(input.query, 'a materialized view'),
    ...defined({
      columns: columns === undefined ? undefined : parseColumns(columns),
      with: input.with && { ...input.with },
      tablespace,
    }),
    ...(withData === false && { withData }),
  }
}

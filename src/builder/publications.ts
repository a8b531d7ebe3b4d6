import { BuilderError } from '../errors.ts'
import { defined } from '../operations/defined.ts'
import type {
  PublicationChange,
  PublicationContents,
  PublicationDefinition,
  PublicationSettings,
  PublicationTable,
} from '../operations/publications.ts'
import { checkIdentifier } from '../sql/identifier.ts'
import { parseColumns, parseName } from './names.ts'
import type { NameInput } from './names.ts'
import { assertOneOf, expression } from './parse.ts'
import type { Sql } from './sql-fragment.ts'

/** A table of a publication, with the part of it that is published. */
export interface PublicationTableOptions {
  readonly table: NameInput
  /** Default: all columns. */
  readonly columns?: string | readonly string[]
  /** Only rows for which this holds. Default: all rows. */
  readonly where?: string | Sql
}

export type PublicationTableInput = NameInput | PublicationTableOptions

export interface PublicationContentsInput {
  readonly tables?: readonly PublicationTableInput[]
  /** All tables of these schemas, future ones included. */
  readonly schemas?: readonly string[]
}

export interface PublicationSettingsInput {
  /** Which changes are published. Default: all four. */
  readonly publish?: readonly ('delete' | 'insert' | 'truncate' | 'update')[]
  /** Changes of partitions are published as those of the partitioned table. Default: `false`. */
  readonly viaRoot?: boolean
}

export interface PublicationOptions extends PublicationContentsInput, PublicationSettingsInput {
  /** All tables of the database, future ones included. Default: `false`. */
  readonly allTables?: boolean
}

/** One change of a publication: what it publishes, or how. */
export type PublicationChangeInput =
  | { readonly add: PublicationContentsInput }
  | {
      readonly drop: {
        readonly tables?: readonly NameInput[]
        readonly schemas?: readonly string[]
      }
    }
  | { readonly set: PublicationContentsInput }
  | PublicationSettingsInput

export function publicationDefinition(options: PublicationOptions): PublicationDefinition {
  if (options.allTables && (options.tables ?? options.schemas)) {
    throw new BuilderError('BAD_DEFINITION', {
      what: 'a publication of all tables cannot name tables or schemas',
      fix: 'leave out { allTables }, or { tables } and { schemas }',
    })
  }
  return {
    ...(options.allTables && { allTables: true }),
    ...contents(options),
    ...settings(options),
  }
}

export function publicationChange(input: PublicationChangeInput): PublicationChange {
  const keys = Object.keys(input)
  if ('add' in input && keys.length === 1) return { add: some(contents(input.add), 'add') }
  if ('set' in input && keys.length === 1) return { set: some(contents(input.set), 'set') }
  if ('drop' in input && keys.length === 1) {
    const { tables, schemas } = some(contents(input.drop), 'drop')
    return { drop: defined({ tables: tables?.map(({ table }) => table), schemas }) }
  }
  if (keys.length > 0 && keys.every((key) => key === 'publish' || key === 'viaRoot')) {
    return { settings: settings(input as PublicationSettingsInput) }
  }
  throw new BuilderError('BAD_DEFINITION', {
    what: 'alterPublication() makes one change at a time',
    why: 'PostgreSQL adds, drops, replaces and sets in statements of their own',
    fix: "write { add: { tables: ['users'] } }, { drop: … }, { set: … } or { publish: ['insert'] }",
  })
}

function some(found: PublicationContents, what: string): PublicationContents {
  if ((found.tables?.length ?? 0) + (found.schemas?.length ?? 0) > 0) return found
  throw new BuilderError('BAD_DEFINITION', {
    what: `{ ${what} } of alterPublication() names nothing`,
    fix: `name tables or schemas: { ${what}: { tables: ['users'] } }`,
  })
}

function contents({ tables, schemas }: PublicationContentsInput): PublicationContents {
  schemas?.forEach(checkIdentifier)
  return defined({ tables: tables?.map(publicationTable), schemas: schemas && [...schemas] })
}

function publicationTable(input: PublicationTableInput): PublicationTable {
  if (typeof input === 'string' || 'name' in input) return { table: parseName(input) }
  const { table, columns, where } = input
  return {
    table: parseName(table),
    ...(columns !== undefined && { columns: parseColumns(columns) }),
    ...(where !== undefined && { where: expression(where, 'where') }),
  }
}

function settings({ publish, viaRoot }: PublicationSettingsInput): PublicationSettings {
  return defined({
    publish: publish?.map((change) =>
      assertOneOf('publish', ['DELETE', 'INSERT', 'TRUNCATE', 'UPDATE'] as const, change),
    ),
    viaRoot,
  })
}

import type { QualifiedName } from '../operations/definitions.ts'
import type {
  PublicationChange,
  PublicationContents,
  PublicationDefinition,
  PublicationOperation,
  PublicationSettings,
  PublicationTable,
} from '../operations/publications.ts'
import { columnList } from './columns.ts'
import type { Compilers } from './compilers.ts'
import { identifier, qualifiedName } from './identifier.ts'
import { literal } from './literal.ts'
import { words } from './words.ts'

export const publicationCompilers: Compilers<PublicationOperation> = {
  createPublication: (op) => {
    const settings = settingList(op)
    return words(
      `CREATE PUBLICATION ${identifier(op.publication)}`,
      published(op),
      settings && `WITH ${settings}`,
    )
  },

  alterPublication: (op) => `ALTER PUBLICATION ${identifier(op.publication)} ${change(op.change)}`,

  dropPublication: (op) => `DROP PUBLICATION ${identifier(op.publication)}`,
}

function published(definition: PublicationDefinition): string | undefined {
  if (definition.allTables) return 'FOR ALL TABLES'
  const list = contents(definition)
  return list && `FOR ${list}`
}

function change(input: PublicationChange): string {
  if ('add' in input) return `ADD ${contents(input.add)}`
  if ('set' in input) return `SET ${contents(input.set)}`
  if ('settings' in input) return `SET ${settingList(input.settings)}`
  const { tables, schemas } = input.drop
  return `DROP ${clauses(
    tables?.map((name: QualifiedName) => qualifiedName(name)),
    schemas,
  )}`
}

function contents({ tables, schemas }: PublicationContents): string {
  return clauses(tables?.map(publicationTable), schemas)
}

function clauses(tables: readonly string[] = [], schemas: readonly string[] = []): string {
  return [
    ...(tables.length > 0 ? [`TABLE ${tables.join(', ')}`] : []),
    ...(schemas.length > 0 ? [`TABLES IN SCHEMA ${schemas.map(identifier).join(', ')}`] : []),
  ].join(', ')
}

function publicationTable({ table, columns, where }: PublicationTable): string {
  return words(qualifiedName(table), columns && columnList(columns), where && `WHERE (${where})`)
}

function settingList({ publish, viaRoot }: PublicationSettings): string | undefined {
  const settings = [
    ...(publish ? [`publish = ${literal(publish.join(', ').toLowerCase())}`] : []),
    ...(viaRoot === undefined ? [] : [`publish_via_partition_root = ${literal(viaRoot)}`]),
  ]
  return settings.length === 0 ? undefined : `(${settings.join(', ')})`
}

import type { QualifiedName } from '../definitions.ts'
import type {
  AlterPublication,
  PublicationContents,
  PublicationOperation,
  PublicationTable,
} from '../publications.ts'
import type { Inverters } from './inverters.ts'
import { irreversible, recorded } from './recorded.ts'
import { recreated } from './recreated.ts'

export const publicationInverters: Inverters<PublicationOperation> = {
  alterPublication: (operation) => {
    const { change } = operation
    if ('add' in change) return dropAgain(operation, change.add)
    if ('drop' in change) return addAgain(operation, change.drop)
    if ('set' in change) return setAgain(operation, change.set)
    const { kind, publication } = operation
    const was = recorded(operation, 'the settings before it')
    const { publish = ['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'], viaRoot = false } = was
    return {
      kind,
      publication,
      change: {
        settings: {
          ...(change.settings.publish && { publish }),
          ...(change.settings.viaRoot !== undefined && { viaRoot }),
        },
      },
      was: { ...was, ...change.settings },
    }
  },
  createPublication: ({ kind: _kind, publication, ...definition }) => ({
    kind: 'dropPublication',
    publication,
    was: definition,
  }),
  dropPublication: (operation) =>
    recreated(operation, 'the definition of the publication', (definition) => ({
      kind: 'createPublication',
      publication: operation.publication,
      ...definition,
    })),
}

function dropAgain(
  { kind, publication }: AlterPublication,
  contents: PublicationContents,
): AlterPublication {
  const { tables, schemas } = contents
  return {
    kind,
    publication,
    change: {
      drop: {
        ...(tables && { tables: tables.map(({ table }) => table) }),
        ...(schemas && { schemas }),
      },
    },
    was: contents,
  }
}

function addAgain(
  operation: AlterPublication,
  dropped: { tables?: readonly QualifiedName[]; schemas?: readonly string[] },
): AlterPublication {
  const { kind, publication, was } = operation
  const { tables, schemas } = dropped
  const definition = (table: QualifiedName): PublicationTable => {
    const entry = was?.tables?.find((other) => isSame(other.table, table))
    if (!entry) throw irreversible(operation, 'which columns and rows of the table it publishes')
    return entry
  }
  return {
    kind,
    publication,
    change: {
      add: { ...(tables && { tables: tables.map(definition) }), ...(schemas && { schemas }) },
    },
  }
}

function setAgain(operation: AlterPublication, contents: PublicationContents): AlterPublication {
  const { tables = [], schemas = [], ...settings } = recorded(operation, 'what it published before')
  // SET needs something to publish.
  if (tables.length + schemas.length === 0) return dropAgain(operation, contents)
  const { kind, publication } = operation
  const before = {
    ...(tables.length > 0 && { tables }),
    ...(schemas.length > 0 && { schemas }),
  }
  return { kind, publication, change: { set: before }, was: { ...settings, ...contents } }
}

function isSame(one: QualifiedName, other: QualifiedName): boolean {
  return one.name === other.name && one.schema === other.schema
}

import type {
  PublicationChange,
  PublicationContents,
  PublicationOperation,
} from '../publications.ts'
import type { Describers } from './describers.ts'
import { full, quote } from './words.ts'

export const publicationDescribers: Describers<PublicationOperation> = {
  alterPublication: (op) => `change publication ${quote(op.publication)}: ${change(op.change)}`,
  createPublication: (op) => `create publication ${quote(op.publication)}`,
  dropPublication: (op) => `drop publication ${quote(op.publication)}`,
}

function change(input: PublicationChange): string {
  if ('add' in input) return `add ${contents(input.add)}`
  if ('set' in input) return `publish ${contents(input.set)} only`
  if ('settings' in input) return `set ${Object.keys(input.settings).join(', ')}`
  const { tables, schemas } = input.drop
  return `drop ${contents({ ...(tables && { tables: tables.map((table) => ({ table })) }), ...(schemas && { schemas }) })}`
}

function contents({ tables = [], schemas = [] }: PublicationContents): string {
  return [
    ...tables.map(({ table }) => `table ${full(table)}`),
    ...schemas.map((schema) => `tables in schema ${quote(schema)}`),
  ].join(', ')
}

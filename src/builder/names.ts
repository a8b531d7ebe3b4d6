import { BuilderError } from '../errors.ts'
import type { QualifiedName } from '../operations/definitions.ts'
import { checkIdentifier } from '../sql/identifier.ts'

/**
 * A table's or type's name: `'users'`, `'tenant.users'` (schema before the dot), or in parts, for
 * names that hold a dot themselves: `{ schema: 'tenant', name: 'a.b' }`.
 */
export type NameInput = string | QualifiedName

/** Takes a name apart and checks each part, so that a bad one fails at the call that has it. */
export function parseName(input: NameInput): QualifiedName {
  const name = typeof input === 'string' ? split(input) : input
  if (name.schema !== undefined) checkIdentifier(name.schema)
  checkIdentifier(name.name)
  return name.schema === undefined ? { name: name.name } : { schema: name.schema, name: name.name }
}

function split(text: string): QualifiedName {
  const parts = text.split('.')
  if (parts.length === 1) return { name: text }
  const [schema, name] = parts
  if (parts.length > 2 || !schema || !name) {
    throw new BuilderError('BAD_IDENTIFIER', {
      what: `"${text}" is not a name, nor a schema and a name`,
      fix: `write "name" or "schema.name"; a name that holds a dot goes in parts: { name: ${JSON.stringify(text)} }`,
      details: { name: text },
    })
  }
  return { schema, name }
}

/** One column or a list of them, checked. */
export function parseColumns(columns: string | readonly string[]): string[] {
  const list = typeof columns === 'string' ? [columns] : [...columns]
  if (list.length === 0) {
    throw new BuilderError('BAD_DEFINITION', {
      what: 'a list of columns is empty',
      fix: 'name at least one column',
    })
  }
  list.forEach(checkIdentifier)
  const twice = list.find((column, index) => list.indexOf(column) !== index)
  if (twice !== undefined) {
    throw new BuilderError('DUPLICATE_COLUMN', {
      what: `column "${twice}" is named twice in one list`,
      fix: 'name each column once',
      details: { column: twice },
    })
  }
  return list
}

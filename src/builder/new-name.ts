import { BuilderError } from '../errors.ts'
import type { QualifiedName } from '../operations/definitions.ts'
import { parseName } from './names.ts'
import type { NameInput } from './names.ts'

/** The new name of something that stays in its schema when it is renamed. */
export function newName(what: string, from: QualifiedName, to: NameInput): string {
  const target = parseName(to)
  if (target.schema !== undefined && target.schema !== from.schema) {
    throw new BuilderError('BAD_DEFINITION', {
      what: `a rename cannot move ${what} "${from.name}" to schema "${target.schema}"`,
      why: `PostgreSQL renames a ${what} within its schema`,
      fix: `move it first: builder.raw('ALTER ${what.toUpperCase()} … SET SCHEMA …')`,
    })
  }
  return target.name
}

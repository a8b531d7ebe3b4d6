import { BuilderError } from '../errors.ts'
import type { QualifiedName } from '../operations/definitions.ts'
import { parseName } from './names.ts'
import type { NameInput } from './names.ts'

/** An object and its new name. PostgreSQL renames within a schema, so another one is refused. */
export function renamed(
  what: 'domain' | 'sequence' | 'type',
  from: NameInput,
  to: NameInput,
): { readonly old: QualifiedName; readonly to: string } {
  const old = parseName(from)
  const target = parseName(to)
  if (target.schema !== undefined && target.schema !== old.schema) {
    throw new BuilderError('BAD_DEFINITION', {
      what: `renaming cannot move ${what} "${old.name}" to schema "${target.schema}"`,
      why: `PostgreSQL renames a ${what} within its schema`,
      fix: `move it first: builder.raw('ALTER ${what.toUpperCase()} … SET SCHEMA …')`,
    })
  }
  return { old, to: target.name }
}

import { BuilderError } from '../errors.ts'
import type { RoleKeyword, RoleName } from '../operations/roles.ts'
import { checkIdentifier } from '../sql/identifier.ts'

/**
 * A role: its name, or one of the words `PUBLIC`, `CURRENT_USER`, `CURRENT_ROLE`, `SESSION_USER` in
 * capitals. A role that really has such a name goes in an object: `{ name: 'current_user' }`.
 */
export type RoleInput = RoleKeyword | RoleName | (string & {})

const KEYWORDS: readonly RoleKeyword[] = ['CURRENT_ROLE', 'CURRENT_USER', 'PUBLIC', 'SESSION_USER']

export function parseRole(input: RoleInput): RoleName {
  if (typeof input === 'string') return fromText(input)
  if ('keyword' in input) return fromText(input.keyword)
  checkIdentifier(input.name)
  // Quoted or not, PostgreSQL takes it for the word.
  if (input.name === 'public') return fromText(input.name)
  return { name: input.name }
}

/** One role or a list of them. */
export function parseRoles(input: RoleInput | readonly RoleInput[]): RoleName[] {
  const roles = isList(input) ? input : [input]
  if (roles.length > 0) return roles.map(parseRole)
  throw new BuilderError('BAD_DEFINITION', {
    what: 'a list of roles is empty',
    fix: "name at least one role, or 'PUBLIC' for all",
  })
}

function fromText(text: string): RoleName {
  checkIdentifier(text)
  const keyword = KEYWORDS.find((known) => known === text.toUpperCase())
  if (keyword === undefined) return { name: text }
  if (keyword === text) return { keyword }
  throw new BuilderError('BAD_IDENTIFIER', {
    what: `"${text}" is a word of SQL, and not the name of a role`,
    fix:
      text === 'public'
        ? `write '${keyword}', which is everybody`
        : `write '${keyword}' for the word, or { name: '${text}' } for a role of that name`,
    details: { role: text },
  })
}

function isList(input: RoleInput | readonly RoleInput[]): input is readonly RoleInput[] {
  return Array.isArray(input)
}

import type { CommentTarget } from '../operations/comments.ts'
import type { PrivilegeTarget } from '../operations/privileges.ts'
import { targetKey, targetName } from '../operations/targets.ts'
import type { TargetKey } from '../operations/targets.ts'
import { identifier, qualifiedName } from './identifier.ts'
import { words } from './words.ts'

const OBJECTS: Readonly<Record<TargetKey<CommentTarget | PrivilegeTarget>, string>> = {
  allFunctionsInSchema: 'ALL FUNCTIONS IN SCHEMA',
  allProceduresInSchema: 'ALL PROCEDURES IN SCHEMA',
  allRoutinesInSchema: 'ALL ROUTINES IN SCHEMA',
  allSequencesInSchema: 'ALL SEQUENCES IN SCHEMA',
  allTablesInSchema: 'ALL TABLES IN SCHEMA',
  column: 'COLUMN',
  constraint: 'CONSTRAINT',
  database: 'DATABASE',
  domain: 'DOMAIN',
  eventTrigger: 'EVENT TRIGGER',
  extension: 'EXTENSION',
  foreignDataWrapper: 'FOREIGN DATA WRAPPER',
  foreignServer: 'FOREIGN SERVER',
  function: 'FUNCTION',
  index: 'INDEX',
  language: 'LANGUAGE',
  materializedView: 'MATERIALIZED VIEW',
  policy: 'POLICY',
  procedure: 'PROCEDURE',
  publication: 'PUBLICATION',
  role: 'ROLE',
  schema: 'SCHEMA',
  sequence: 'SEQUENCE',
  table: 'TABLE',
  tablespace: 'TABLESPACE',
  trigger: 'TRIGGER',
  type: 'TYPE',
  view: 'VIEW',
}

/** An object as it stands after ON in COMMENT, GRANT and REVOKE. */
export function target(on: CommentTarget | PrivilegeTarget): string {
  const key = targetKey(on)
  if ('column' in on) return `COLUMN ${qualifiedName(on.table)}.${identifier(on.column)}`
  const name = targetName(on, key)
  const own = typeof name === 'string' ? identifier(name) : qualifiedName(name)
  return words(
    OBJECTS[key],
    'args' in on && on.args ? signature(own, on.args) : own,
    key !== 'table' && 'table' in on && `ON ${qualifiedName(on.table)}`,
    key !== 'domain' && 'domain' in on && `ON DOMAIN ${qualifiedName(on.domain)}`,
  )
}

/** A routine with the types of its arguments. */
export function signature(name: string, args: readonly string[]): string {
  return `${name}(${args.join(', ')})`
}

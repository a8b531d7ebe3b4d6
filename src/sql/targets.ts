import type { AggregateSignature } from '../operations/aggregates.ts'
import type { CommentTarget } from '../operations/comments.ts'
import type { OwnerTarget, PrivilegeTarget } from '../operations/privileges.ts'
import { targetKey, targetName } from '../operations/targets.ts'
import type { TargetKey } from '../operations/targets.ts'
import { identifier, qualifiedName } from './identifier.ts'
import { words } from './words.ts'

const OBJECTS: Readonly<Record<TargetKey<CommentTarget | OwnerTarget | PrivilegeTarget>, string>> =
  {
    aggregate: 'AGGREGATE',
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

/** An object as it stands after ON in COMMENT, GRANT and REVOKE, and after ALTER. */
export function target(on: CommentTarget | OwnerTarget | PrivilegeTarget): string {
  const key = targetKey(on)
  if ('column' in on) return `COLUMN ${qualifiedName(on.table)}.${identifier(on.column)}`
  const name = targetName(on, key)
  const own = typeof name === 'string' ? identifier(name) : qualifiedName(name)
  if ('aggregate' in on) return `AGGREGATE ${aggregateName(own, on)}`
  return words(
    OBJECTS[key],
    'args' in on && on.args ? signature(own, on.args) : own,
    key !== 'table' && 'table' in on && `ON ${qualifiedName(on.table)}`,
    key !== 'domain' && 'domain' in on && `ON DOMAIN ${qualifiedName(on.domain)}`,
  )
}

/** An aggregate with the types of its arguments, or with the arguments themselves. */
export function aggregateName(name: string, { args, orderBy }: AggregateSignature): string {
  const list = args.join(', ')
  if (!orderBy) return `${name}(${list || '*'})`
  return `${name}(${words(list, `ORDER BY ${orderBy.join(', ')}`)})`
}

/** A routine with the types of its arguments. */
export function signature(name: string, args: readonly string[]): string {
  return `${name}(${args.join(', ')})`
}

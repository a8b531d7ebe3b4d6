import { BuilderError } from '../errors.ts'
import type { CommentTarget, CommentTargetOf } from '../operations/comments.ts'
import type {
  OwnerTarget,
  OwnerTargetOf,
  PrivilegeTarget,
  PrivilegeTargetOf,
} from '../operations/privileges.ts'
import { targetKey } from '../operations/targets.ts'
import type { TargetKey } from '../operations/targets.ts'
import { checkIdentifier } from '../sql/identifier.ts'
import { checkType } from './data-type.ts'
import { parseColumns, parseName } from './names.ts'
import type { NameInput } from './names.ts'

/** What a comment stands on: `{ table: 'app.users' }`, `{ table: 'users', column: 'email' }`, … */
export type CommentTargetInput = CommentTargetOf<NameInput>

/** What privileges are on: `{ table: 'app.users' }`, `{ schema: 'app' }`, … */
export type PrivilegeTargetInput = PrivilegeTargetOf<NameInput>

/** What has an owner: `{ table: 'app.users' }`, `{ schema: 'app' }`, … */
export type OwnerTargetInput = OwnerTargetOf<NameInput>

/** How the name of an object is written, and what else its target holds. */
interface Shape {
  readonly name: 'one part' | 'with schema'
  /** One of these must stand beside it. */
  readonly owners?: readonly ('domain' | 'table')[]
  readonly details?: readonly ('args' | 'columns' | 'orderBy')[]
}

const OWN: Shape = { name: 'one part' }
const IN_SCHEMA: Shape = { name: 'with schema' }
const ROUTINE: Shape = { name: 'with schema', details: ['args'] }
const AGGREGATE: Shape = { name: 'with schema', details: ['args', 'orderBy'] }
const OF_TABLE: Shape = { name: 'one part', owners: ['table'] }

const COMMENTS: Readonly<Record<TargetKey<CommentTarget>, Shape>> = {
  aggregate: AGGREGATE,
  column: OF_TABLE,
  constraint: { name: 'one part', owners: ['table', 'domain'] },
  domain: IN_SCHEMA,
  eventTrigger: OWN,
  extension: OWN,
  function: ROUTINE,
  index: IN_SCHEMA,
  materializedView: IN_SCHEMA,
  policy: OF_TABLE,
  procedure: ROUTINE,
  publication: OWN,
  role: OWN,
  schema: OWN,
  sequence: IN_SCHEMA,
  table: IN_SCHEMA,
  trigger: OF_TABLE,
  type: IN_SCHEMA,
  view: IN_SCHEMA,
}

const PRIVILEGES: Readonly<Record<TargetKey<PrivilegeTarget>, Shape>> = {
  allFunctionsInSchema: OWN,
  allProceduresInSchema: OWN,
  allRoutinesInSchema: OWN,
  allSequencesInSchema: OWN,
  allTablesInSchema: OWN,
  database: OWN,
  domain: IN_SCHEMA,
  foreignDataWrapper: OWN,
  foreignServer: OWN,
  function: ROUTINE,
  language: OWN,
  procedure: ROUTINE,
  schema: OWN,
  sequence: IN_SCHEMA,
  table: { name: 'with schema', details: ['columns'] },
  tablespace: OWN,
  type: IN_SCHEMA,
}

const OWNED: Readonly<Record<TargetKey<OwnerTarget>, Shape>> = {
  aggregate: AGGREGATE,
  database: OWN,
  domain: IN_SCHEMA,
  eventTrigger: OWN,
  foreignDataWrapper: OWN,
  foreignServer: OWN,
  function: ROUTINE,
  language: OWN,
  materializedView: IN_SCHEMA,
  procedure: ROUTINE,
  publication: OWN,
  schema: OWN,
  sequence: IN_SCHEMA,
  table: IN_SCHEMA,
  tablespace: OWN,
  type: IN_SCHEMA,
  view: IN_SCHEMA,
}

export function commentTarget(input: CommentTargetInput): CommentTarget {
  return parse(input, COMMENTS, 'comment') as unknown as CommentTarget
}

export function privilegeTarget(input: PrivilegeTargetInput): PrivilegeTarget {
  return parse(input, PRIVILEGES, 'privileges') as unknown as PrivilegeTarget
}

export function ownerTarget(input: OwnerTargetInput): OwnerTarget {
  return parse(input, OWNED, 'an owner') as unknown as OwnerTarget
}

function parse(
  input: object,
  shapes: Readonly<Record<string, Shape>>,
  what: string,
): Record<string, unknown> {
  const given = Object.entries(input).filter(([, value]) => value !== undefined)
  const key = targetKey(Object.fromEntries(given)) as string | undefined
  const shape = key === undefined || !Object.hasOwn(shapes, key) ? undefined : shapes[key]
  if (key === undefined || !shape) throw unknown(what, input, Object.keys(shapes))
  const { owners = [], details = [] } = shape
  const others = given.map(([name]) => name).filter((name) => name !== key)
  const stray = others.find((name) => ![...owners, ...details].some((known) => known === name))
  const held = others.filter((name) => owners.some((owner) => owner === name))
  if (stray !== undefined || held.length !== Math.min(owners.length, 1)) {
    throw new BuilderError('BAD_DEFINITION', {
      what: `${what} cannot be on ${JSON.stringify(input)}`,
      fix: `write { ${[key, ...owners.slice(0, 1)].map((name) => `${name}: …`).join(', ')} }`,
    })
  }
  return Object.fromEntries(
    given.map(([name, value]) => [name, parsed(name === key ? shape.name : name, value)]),
  )
}

function parsed(how: string, value: unknown): unknown {
  if (how === 'args' || how === 'orderBy') return (value as readonly string[]).map(checkType)
  if (how === 'columns') return parseColumns(value as readonly string[])
  if (how !== 'one part') return parseName(value as NameInput)
  checkIdentifier(value as string)
  return value
}

function unknown(what: string, input: object, known: readonly string[]): BuilderError {
  return new BuilderError('BAD_DEFINITION', {
    what: `${what} cannot be on ${JSON.stringify(input)}`,
    fix: `say what it is with one of ${known.join(', ')}: { ${known.includes('table') ? 'table' : known[0]}: 'users' }`,
  })
}

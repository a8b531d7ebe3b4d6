import type { QualifiedName } from '../definitions.ts'
import type { Operation } from '../operation.ts'
import type { SchemaMemory } from './schema-memory.ts'
import { mentions, namesOf } from './sql-names.ts'

type Fields = Readonly<Record<string, unknown>>

/** SQL that can change what it does not name. */
const FAR_REACHING = ['do', 'call', 'execute', 'search_path', 'cascade', 'owned', 'privileges']

/** What an operation may change without saying so is forgotten before it is followed. */
export function forgetBefore(memory: SchemaMemory, operation: Operation): void {
  forgetAliases(memory, operation)
  switch (operation.kind) {
    case 'raw':
      forgetMentioned(memory, namesOf(operation.sql))
      return
    case 'grantDefault':
    case 'revokeDefault':
      memory.forgetMade()
      return
    case 'createSequence':
      forgetOwner(memory, operation.ownedBy)
      return
    case 'alterSequence':
      forgetOwner(memory, operation.changes.ownedBy)
      return
    case 'createPublication':
    case 'alterPublication':
      // A table or schema that is dropped leaves its publications.
      forgetMentioned(memory, namesOf(operation), operation.publication)
      return
    case 'grant':
    case 'revoke':
      if (Object.keys(operation.on).some((on) => on.startsWith('all'))) memory.forgetAll()
      else if (!('table' in operation.on)) forgetObjects(memory, namesOf(operation.on))
      break
    default:
  }
  const table = tableOf(operation)
  if (!table) return
  // What is on a view, an index or a trigger, goes with it.
  forgetObjects(memory, new Set([table.name]), ['dropView', 'dropMaterializedView', 'dropType'])
  if (reachesChildren(operation)) {
    for (const child of memory.descendants(table)) if (child.hasOwn()) memory.forget(child.table)
  }
}

/** After a rename or a replacement, definitions may still say what is not called so any more. */
export function forgetRenamed(memory: SchemaMemory, operation: Operation): void {
  const name = oldName(operation)
  if (name === undefined) return
  const isReplaced = 'replace' in operation
  for (const [id, made] of memory.objects) {
    if (made !== operation && mentions(made, name)) memory.objects.delete(id)
  }
  const isOfTable = /^rename(Column|Constraint|Index|Trigger|Policy)$/.test(operation.kind)
  if (isOfTable || isReplaced) return
  for (const table of memory.tables()) {
    const said = [table.references(), table.table.schema]
    if (mentions(said, name)) memory.forget(table.table)
  }
}

/** Forgets every table and other object that may be, or may depend on, one of these names. */
function forgetMentioned(memory: SchemaMemory, names: ReadonlySet<string>, except?: string): void {
  if (FAR_REACHING.some((word) => names.has(word))) {
    memory.forgetAll()
    return
  }
  const isMentioned = (value: unknown): boolean =>
    [...namesOf(value)].some((name) => names.has(name) && name !== except)
  for (const table of memory.tables()) {
    if (!isMentioned([table.table, table.references()])) continue
    for (const child of memory.descendants(table.table)) memory.remove(child.table)
    memory.forget(table.table)
  }
  forgetObjects(memory, names)
  if (except === undefined) memory.forgetSaid(names)
}

function forgetObjects(
  memory: SchemaMemory,
  names: ReadonlySet<string>,
  families?: readonly string[],
): void {
  for (const [id, made] of memory.objects) {
    const [family, name] = JSON.parse(id) as readonly [string, QualifiedName | string]
    if (families && !families.includes(family)) continue
    const said = families ? name : made
    if ([...namesOf(said)].some((one) => names.has(one))) memory.objects.delete(id)
  }
}

/** The same table may be called with its schema and without. */
function forgetAliases(memory: SchemaMemory, operation: Operation): void {
  const names = qualifiedNames(operation)
  const isAlias = (known: QualifiedName): boolean =>
    names.some(
      ({ schema, name }) =>
        name === known.name && (schema === undefined) !== (known.schema === undefined),
    )
  const aliases = new Set<string>()
  for (const { table } of memory.tables()) {
    if (!isAlias(table)) continue
    memory.forget(table)
    aliases.add(table.name)
  }
  for (const id of memory.objects.keys()) {
    const [, name] = JSON.parse(id) as readonly [string, QualifiedName | string]
    if (typeof name === 'string' || !isAlias(name)) continue
    memory.objects.delete(id)
    aliases.add(name.name)
  }
  if (aliases.size > 0) memory.forgetSaid(aliases)
}

function qualifiedNames(value: unknown): QualifiedName[] {
  if (typeof value !== 'object' || value === null) return []
  const { name, schema, ...others } = value as Fields
  const isName = typeof name === 'string' && Object.keys(others).length === 0
  if (isName) return [{ name, ...(typeof schema === 'string' && { schema }) }]
  return Object.values(value).flatMap(qualifiedNames)
}

function forgetOwner(
  memory: SchemaMemory,
  owner: { readonly table: QualifiedName } | null | undefined,
): void {
  if (owner) memory.forget(owner.table)
}

function tableOf(operation: Operation): QualifiedName | undefined {
  if (operation.kind === 'createTable' || operation.kind === 'createPartition') return undefined
  const fields = operation as unknown as Fields
  const on = fields['on']
  const holder = typeof on === 'object' && on !== null ? (on as Fields) : fields
  return holder['table'] as QualifiedName | undefined
}

/** Whether an operation on a table also changes the tables below it. */
function reachesChildren({ kind }: Operation): boolean {
  return ![
    'backfill',
    'comment',
    'dropTable',
    'fill',
    'reindex',
    'renameTable',
    'setOwner',
  ].includes(kind)
}

function oldName(operation: Operation): string | undefined {
  const fields = operation as unknown as Fields
  const { kind, from } = operation as { kind: string; from?: unknown }
  const isReplaced = kind === 'replaceType' || ('replace' in fields && Boolean(fields['replace']))
  if (!kind.startsWith('rename') && kind !== 'setSchema' && !isReplaced) return undefined
  if (typeof from === 'string') return from
  const named = ['trigger', 'policy', 'table', 'view', 'function', 'procedure', 'sequence', 'type']
    .concat('domain', 'schema')
    .map((key) => fields[key])
    .find((name) => name !== undefined) as QualifiedName | string | undefined
  return typeof named === 'object' ? named.name : named
}

import { aggregateSignature } from '../aggregates.ts'
import type { Comment } from '../comments.ts'
import type { QualifiedName } from '../definitions.ts'
import { invert } from '../invert.ts'
import type { Operation } from '../operation.ts'
import type { SetOwner } from '../privileges.ts'
import { inputTypes } from '../routines.ts'
import { completeGrant, completeRls } from './flag-steps.ts'
import { saidAgain } from './said-memory.ts'
import type { SchemaMemory } from './schema-memory.ts'

/** What makes an object, what drops it, and under which key both name it. */
const FAMILIES = [
  { key: 'view', creates: ['createView'], drop: 'dropView' },
  { key: 'view', creates: ['createMaterializedView'], drop: 'dropMaterializedView' },
  { key: 'aggregate', creates: ['createAggregate'], drop: 'dropAggregate' },
  { key: 'function', creates: ['createFunction'], drop: 'dropFunction' },
  { key: 'procedure', creates: ['createProcedure'], drop: 'dropProcedure' },
  { key: 'sequence', creates: ['createSequence'], drop: 'dropSequence' },
  { key: 'type', creates: ['createType', 'createCompositeType', 'createRange'], drop: 'dropType' },
  { key: 'domain', creates: ['createDomain'], drop: 'dropDomain' },
  { key: 'schema', creates: ['createSchema'], drop: 'dropSchema' },
  { key: 'extension', creates: ['createExtension'], drop: 'dropExtension' },
  { key: 'publication', creates: ['createPublication'], drop: 'dropPublication' },
  { key: 'eventTrigger', creates: ['createEventTrigger'], drop: 'dropEventTrigger' },
  { key: 'trigger', creates: ['createTrigger'], drop: 'dropTrigger' },
  { key: 'policy', creates: ['policy'], drop: 'dropPolicy' },
] as const

/** What a table that is made anew needs again. */
const ATTACHED: ReadonlySet<string> = new Set([
  'comment',
  'createTrigger',
  'enableRls',
  'grant',
  'policy',
  'setOwner',
  'touchOnUpdate',
])

const ROUTINES: ReadonlySet<string> = new Set(['aggregate', 'function', 'procedure'])

type Fields = Readonly<Record<string, unknown>>

/** Follows what is neither table, column, constraint nor index. */
export function completeObject(memory: SchemaMemory, operation: Operation): Operation {
  // It changes rows, or what was forgotten before.
  if (operation.kind === 'raw' || operation.kind === 'backfill') return operation
  const completed =
    followEnum(memory, operation) ??
    completeGrant(memory, operation) ??
    completeRls(memory, operation) ??
    followObject(memory, operation)
  followTable(memory, operation)
  return completed
}

function followObject(memory: SchemaMemory, operation: Operation): Operation {
  if (operation.kind === 'comment') return followComment(memory, operation)
  if (operation.kind === 'setOwner') return followOwner(memory, operation)
  for (const { key, creates, drop } of FAMILIES) {
    const id = objectId(drop, key, operation)
    if (id === undefined) continue
    const made = memory.objects.get(id)
    if ((creates as readonly string[]).includes(operation.kind)) {
      memory.objects.set(id, operation)
      return replaced(memory, operation, made, key)
    }
    if (operation.kind !== drop) {
      // It is not what it was when it was made.
      if (!isOfOtherFamily(operation.kind)) memory.objects.delete(id)
      continue
    }
    memory.objects.delete(id)
    if (operation.was || !made || ('cascade' in operation && operation.cascade)) return operation
    const followedBy = saidAgain(memory, onOf(operation, key))
    return {
      ...operation,
      was: { ...definitionOf(made, key), ...(followedBy.length > 0 && { followedBy }) },
    } as Operation
  }
  return operation
}

/** What is replaced and known comes back, with what was said of it. */
function replaced(
  memory: SchemaMemory,
  operation: Operation,
  made: Operation | undefined,
  key: string,
): Operation {
  if (!('replace' in operation) || !operation.replace || operation.was || !made) return operation
  const completed = { ...operation, was: definitionOf(made, key) } as unknown as Operation
  const said = saidAgain(memory, onOf(operation, key))
  if (said.length === 0) return completed
  return { kind: 'reversible', operation: completed, undo: [...invert(completed), ...said] }
}

function isOfOtherFamily(kind: string): boolean {
  return FAMILIES.some(({ creates, drop }) => [...creates, drop].some((other) => other === kind))
}

/** The object that an operation is about: its family, its name, and what else tells it apart. */
function objectId(family: string, key: string, operation: object): string | undefined {
  const fields = operation as unknown as Fields
  if (fields[key] === undefined) return undefined
  const args = ROUTINES.has(key) ? routineArguments(key, fields) : undefined
  const table = key === 'trigger' || key === 'policy' ? fields['table'] : undefined
  return JSON.stringify([family, fields[key], table, args])
}

function routineArguments(key: string, fields: Fields): unknown {
  const { args, orderBy } = fields
  if (key !== 'aggregate') return argumentTypes(args)
  const types = { args, orderBy } as Parameters<typeof aggregateSignature>[0]
  const isTold = [args, orderBy].flat().every((one) => typeof one !== 'object')
  const signature = isTold ? types : aggregateSignature(types)
  return [signature.args, signature.orderBy]
}

function argumentTypes(args: unknown): readonly string[] {
  if (!Array.isArray(args)) return []
  return args.every((one) => typeof one === 'string') ? args : inputTypes(args)
}

function definitionOf(made: Operation, key: string): Fields {
  const {
    kind: _kind,
    replace: _replace,
    was: _was,
    [key]: _name,
    ...definition
  } = made as unknown as Fields
  const { table: _table, ...withoutTable } = definition
  return key === 'trigger' || key === 'policy' ? withoutTable : definition
}

/** Values that are added and renamed are known as long as the type is. */
function followEnum(memory: SchemaMemory, operation: Operation): Operation | undefined {
  const { kind } = operation
  if (kind !== 'addTypeValue' && kind !== 'renameTypeValue') return undefined
  const id = JSON.stringify(['dropType', operation.type, undefined, undefined])
  const made = memory.objects.get(id)
  if (made?.kind !== 'createType') return operation
  const { values } = made
  if (operation.kind === 'renameTypeValue') {
    const renamed = values.map((value) => (value === operation.from ? operation.to : value))
    memory.objects.set(id, { ...made, values: renamed })
    return operation
  }
  const { value, before, after } = operation
  const at =
    before === undefined
      ? after === undefined
        ? values.length
        : values.indexOf(after) + 1
      : values.indexOf(before)
  memory.objects.set(id, { ...made, values: values.toSpliced(at, 0, value) })
  return operation.was ? operation : { ...operation, was: { values } }
}

function followComment(memory: SchemaMemory, operation: Comment): Comment {
  forgetUnderOtherNames(memory, operation.on)
  const was = memory.comments.value(operation.on)
  return operation.was !== undefined || was === undefined ? operation : { ...operation, was }
}

/** Who makes something owns it. */
function followOwner(memory: SchemaMemory, operation: SetOwner): SetOwner {
  const { on } = operation
  forgetUnderOtherNames(memory, on)
  const owner = memory.owners.value(on)
  if (operation.was || owner === undefined) return operation
  const made = 'schema' in on && memory.objects.get(objectId('dropSchema', 'schema', on) ?? '')
  const first = made && made.kind === 'createSchema' ? made.authorization : undefined
  return { ...operation, was: owner ?? first ?? { keyword: 'CURRENT_ROLE' } }
}

/** A function without its arguments, or a column of a type: the object has a comment unseen. */
function forgetUnderOtherNames(memory: SchemaMemory, on: Comment['on'] | SetOwner['on']): void {
  const isSeen = memory.comments.value(on) !== undefined || 'table' in on
  if (isSeen) return
  for (const name of Object.values(on) as unknown[]) {
    for (const id of memory.objects.keys()) {
      const [, known] = JSON.parse(id) as readonly [string, unknown]
      if (JSON.stringify(known) === JSON.stringify(name)) memory.objects.delete(id)
    }
  }
}

/** How a comment names the object of a drop. */
function onOf(operation: Operation, key: string): Fields {
  const { args, orderBy, table, [key]: name } = operation as unknown as Fields
  const isMaterialized = operation.kind.endsWith('MaterializedView')
  return {
    [isMaterialized ? 'materializedView' : key]: name,
    ...(args !== undefined && { args: argumentTypes(args) }),
    ...(orderBy !== undefined && { orderBy }),
    ...(table !== undefined && { table }),
  }
}

function followTable(memory: SchemaMemory, operation: Operation): void {
  const name = tableOf(operation)
  const table = name && memory.table(name)
  if (!table) return
  if (ATTACHED.has(operation.kind)) {
    table.attached.push(operation)
    return
  }
  const drops = FAMILIES.find(({ drop }) => drop === operation.kind)
  const id = drops && objectId(drops.drop, drops.key, operation)
  if (drops && id !== undefined) {
    table.attached = table.attached.filter((one) => objectId(drops.drop, drops.key, one) !== id)
    return
  }
  memory.forget(table.table)
}

function tableOf(operation: Operation): QualifiedName | undefined {
  const fields = operation as unknown as Fields
  const on = fields['on']
  const holder = typeof on === 'object' && on !== null ? (on as Fields) : fields
  return holder['table'] as QualifiedName | undefined
}

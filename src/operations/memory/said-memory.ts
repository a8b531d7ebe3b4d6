import { aggregateSignature } from '../aggregates.ts'
import type { RenameColumn } from '../columns.ts'
import type { Comment } from '../comments.ts'
import type { Operation } from '../operation.ts'
import type { SetOwner } from '../privileges.ts'
import type { RoleName } from '../roles.ts'
import { inputTypes } from '../routines.ts'
import type { RenameTable } from '../tables.ts'
import { namesOf } from './sql-names.ts'

type Fields = Readonly<Record<string, unknown>>

/** The key under which a comment names what an operation makes. */
const MAKES: Readonly<Record<string, string>> = {
  createView: 'view',
  createMaterializedView: 'materializedView',
  createAggregate: 'aggregate',
  createFunction: 'function',
  createProcedure: 'procedure',
  createSequence: 'sequence',
  createType: 'type',
  createCompositeType: 'type',
  createRange: 'type',
  createDomain: 'domain',
  createSchema: 'schema',
  createPublication: 'publication',
  createEventTrigger: 'eventTrigger',
  createTrigger: 'trigger',
  policy: 'policy',
}

/** What is said of things: the comment on each that is known to have one or none, or its owner. */
export class SaidMemory<Value> {
  readonly #texts = new Map<string, Value | null>()
  readonly #said: (operation: Operation) => { on: object; value: Value | null } | undefined

  constructor(said: (operation: Operation) => { on: object; value: Value | null } | undefined) {
    this.#said = said
  }

  /** What is said; `null` where nothing is; `undefined` where that is not known. */
  value(on: object): Value | null | undefined {
    return this.#texts.get(commentId(on))
  }

  follow(operation: Operation): void {
    const said = this.#said(operation)
    if (said) {
      this.#texts.set(commentId(said.on), said.value)
      return
    }
    if (operation.kind === 'renameTable' || operation.kind === 'renameColumn') {
      this.#move(operation)
      return
    }
    if (/^(drop|rename|setSchema|replaceType)/.test(operation.kind)) {
      this.forget(changedNames(operation))
      return
    }
    if ('replace' in operation && operation.replace) {
      if (operation.replace === 'recreate') this.forget(changedNames(operation))
      return
    }
    for (const on of made(operation)) this.#texts.set(commentId(on), null)
  }

  /** What is said of a table and of its parts goes with them. */
  #move(operation: RenameColumn | RenameTable): void {
    const { table } = operation
    const moves = new Map<string, Value | null>()
    for (const [id, text] of this.#texts) {
      const on = Object.fromEntries(JSON.parse(id) as readonly (readonly [string, unknown])[])
      if (JSON.stringify(on['table']) !== JSON.stringify(table)) continue
      if (operation.kind === 'renameColumn' && on['column'] !== operation.from) continue
      this.#texts.delete(id)
      const moved =
        operation.kind === 'renameColumn'
          ? { ...on, column: operation.to }
          : { ...on, table: { ...table, name: operation.to } }
      moves.set(commentId(moved), text)
    }
    for (const [id, text] of moves) this.#texts.set(id, text)
  }

  /** What one of these names may stand for. */
  forget(names: ReadonlySet<string>): void {
    for (const id of this.#texts.keys()) {
      const on = JSON.parse(id) as readonly (readonly [string, unknown])[]
      const known = namesOf(on.map(([, value]) => value))
      if ([...names].some((name) => known.has(name))) this.#texts.delete(id)
    }
  }

  clear(): void {
    this.#texts.clear()
  }
}

function commentId(on: object): string {
  return JSON.stringify(Object.entries(on).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** The last part of what it names: a column goes without the rest of its table. */
function changedNames(operation: Operation): Set<string> {
  const fields = operation as unknown as Fields
  const part =
    fields['from'] ?? fields['column'] ?? fields['trigger'] ?? fields['policy'] ?? fields['name']
  if (typeof part === 'string') return new Set([part])
  const { was: _was, to: _to, args: _args, query: _query, body: _body, ...named } = fields
  return namesOf(named)
}

function made(operation: Operation): object[] {
  if (operation.kind === 'createTable' || operation.kind === 'createPartition') {
    const { table } = operation
    if (operation.kind === 'createPartition') return [{ table }]
    const columns = operation.columns.map(({ name }) => ({ table, column: name }))
    const constraints = operation.constraints.map(({ name }) => ({ constraint: name, table }))
    return [{ table }, ...columns, ...constraints]
  }
  if (operation.kind === 'addColumn') {
    return [{ table: operation.table, column: operation.column.name }]
  }
  if (operation.kind === 'createIndex') {
    const { schema } = operation.table
    return [{ index: { ...(schema !== undefined && { schema }), name: operation.index.name } }]
  }
  const key = MAKES[operation.kind]
  if (key === undefined) return []
  const fields = operation as unknown as Fields
  const isRoutine = operation.kind === 'createFunction' || operation.kind === 'createProcedure'
  const name = fields[key === 'materializedView' ? 'view' : key]
  const isPart = key === 'trigger' || key === 'policy'
  return [
    {
      [key]: name,
      ...(isRoutine && { args: inputTypes(operation.args) }),
      ...(operation.kind === 'createAggregate' && aggregateSignature(operation)),
      ...(isPart && { table: fields['table'] }),
    },
  ]
}

export function commentMemory(): SaidMemory<string> {
  return new SaidMemory((operation) =>
    operation.kind === 'comment' ? { on: operation.on, value: operation.text } : undefined,
  )
}

export function ownerMemory(): SaidMemory<RoleName> {
  return new SaidMemory((operation) =>
    operation.kind === 'setOwner' ? { on: operation.on, value: operation.to } : undefined,
  )
}

/** What was said, if anything, as the operations that say it again. */
export function saidAgain(
  { comments, owners }: { comments: SaidMemory<string>; owners: SaidMemory<RoleName> },
  on: object,
): (Comment | SetOwner)[] {
  const text = comments.value(on)
  const owner = owners.value(on)
  return [
    ...(typeof text === 'string'
      ? [{ kind: 'comment', on: on as Comment['on'], text, was: null } as const]
      : []),
    ...(owner
      ? [
          {
            kind: 'setOwner',
            on: on as SetOwner['on'],
            to: owner,
            was: { keyword: 'CURRENT_ROLE' },
          } as const,
        ]
      : []),
  ]
}

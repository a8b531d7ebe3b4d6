import type { RenameColumn } from '../columns.ts'
import type { Comment } from '../comments.ts'
import type { Operation } from '../operation.ts'
import { inputTypes } from '../routines.ts'
import type { RenameTable } from '../tables.ts'
import { namesOf } from './sql-names.ts'

type Fields = Readonly<Record<string, unknown>>

/** The key under which a comment names what an operation makes. */
const MAKES: Readonly<Record<string, string>> = {
  createView: 'view',
  createMaterializedView: 'materializedView',
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

/** The comment on each thing that is known to have one or none. */
export class CommentMemory {
  readonly #texts = new Map<string, string | null>()

  /** The text; `null` where there is none; `undefined` where that is not known. */
  text(on: object): string | null | undefined {
    return this.#texts.get(commentId(on))
  }

  follow(operation: Operation): void {
    if (operation.kind === 'comment') {
      this.#texts.set(commentId(operation.on), operation.text)
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
    const moves = new Map<string, string | null>()
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
      ...(isPart && { table: fields['table'] }),
    },
  ]
}

/** What was said, if anything, as the operation that says it again. */
export function saidAgain(memory: CommentMemory, on: Comment['on']): Comment[] {
  const text = memory.text(on)
  return text === undefined || text === null ? [] : [{ kind: 'comment', on, text, was: null }]
}

import { TestDatabaseError } from '../../errors.ts'
import { splitStatements } from '../../sql/split-statements.ts'
import type { MemoryMaker } from './build-memory.ts'
import { EMPTY_CATALOG } from './catalog.ts'
import type { Context } from './context.ts'
import { changeSchema, DDL } from './ddl.ts'
import { insert } from './insert.ts'
import type { PgMem } from './load-pg-mem.ts'
import { done, type Outcome } from './outcome.ts'
import { contextOf } from './readers.ts'
import { topQuery } from './select.ts'
import { Sequences } from './sequences.ts'
import { fail, NotEmulated, only, refuse, type SqlNode } from './sql-node.ts'
import { commandOf } from './statement-text.ts'
import { Store } from './store.ts'
import { remove, update } from './update.ts'
import { translated } from './violations.ts'

/** Who runs statements: of two, one at most is in a transaction. */
export interface Client {
  status: 'idle' | 'transaction' | 'failed'
}

interface Savepoint {
  readonly name: string
  readonly back: () => Store
}

/** One database, whose statements run one after the other. */
export class MemoryCore {
  readonly #pgMem: PgMem
  readonly #sequences = new Sequences()
  #store: Store
  /** The client that is in a transaction, and where it began. */
  #holder: { client: Client; back: () => Store; savepoints: Savepoint[]; now: Date } | undefined
  readonly #notes = new Set<string>()
  #isClosed = false

  constructor(pgMem: PgMem) {
    this.#pgMem = pgMem
    const maker: MemoryMaker = {
      newDb: () => pgMem.newDb(),
      planMoves: (places) => this.#sequences.planMoves(places),
      movedRow: (place) => this.#sequences.movedRow(place),
    }
    this.#store = new Store(maker, EMPTY_CATALOG)
  }

  /** What was left out of statements because it makes no difference here. */
  get notes(): readonly string[] {
    return [...this.#notes]
  }

  get isInTransaction(): boolean {
    return this.#holder !== undefined
  }

  /** Drops what is there: nothing runs any more. */
  close(): void {
    this.#isClosed = true
    this.#holder = undefined
    this.#store = this.#store.changed(EMPTY_CATALOG, new Map())
  }

  /** Notes everything that is there; the function puts it back. */
  mark(): () => void {
    // Built now: every reset goes back to one and the same pg-mem database.
    void this.#store.database
    const [back, sequences] = [this.#store.mark(), this.#sequences.mark()]
    return () => {
      if (this.#holder) this.#holder.client.status = 'idle'
      this.#holder = undefined
      this.#store = back()
      sequences()
    }
  }

  /** Runs a text: several statements only without parameters, and then as one transaction. */
  run(client: Client, text: string, values: readonly (string | null)[] | undefined): Outcome[] {
    if (this.#isClosed) fail('57P01', 'the database was closed')
    const statements = splitStatements(text)
    if (statements.length === 0) return [done('')]
    if (values && statements.length > 1) {
      fail('42601', 'cannot insert multiple commands into a prepared statement')
    }
    if (statements.length === 1) return [this.#guarded(client, statements[0]?.sql ?? '', values)]
    const isInside = client.status !== 'idle'
    const back = this.#store.mark()
    try {
      return statements.map(({ sql }) => this.#guarded(client, sql, undefined))
    } catch (error) {
      // Of an implicit transaction nothing stays; statements that begin their own end it.
      if (!isInside && client.status === 'idle') this.#store = back()
      throw error
    }
  }

  /** Ends the transaction of a client that leaves. */
  leave(client: Client): void {
    if (this.#holder?.client !== client) return
    this.#end(client, false)
  }

  #guarded(client: Client, sql: string, values: readonly (string | null)[] | undefined): Outcome {
    try {
      return this.#statement(client, sql, values)
    } catch (error) {
      if (client.status === 'transaction') client.status = 'failed'
      const said = translated(error, undefined, this.#store.catalog)
      throw said instanceof NotEmulated ? notEmulated(sql, said) : said
    }
  }

  #statement(client: Client, sql: string, values: readonly (string | null)[] | undefined): Outcome {
    if (this.#holder && this.#holder.client !== client) {
      refuse('another client is in a transaction: pg-mem would show what it has not committed')
    }
    const command = commandOf(sql)
    if (
      client.status === 'failed' &&
      !['rollback', 'commit', 'rollback to'].includes(command.kind)
    ) {
      fail(
        '25P02',
        'current transaction is aborted, commands ignored until end of transaction block',
      )
    }
    switch (command.kind) {
      case 'begin':
        return this.#begin(client)
      case 'commit':
        return this.#end(client, client.status !== 'failed')
      case 'rollback':
        return this.#end(client, false)
      case 'savepoint':
      case 'release':
      case 'rollback to':
        return this.#savepoint(client, command.kind, command.name)
      case 'set':
        this.#notes.add('settings of time limits have no effect')
        return done('SET')
      case 'validate':
        return this.#validate(command.table, command.constraint)
      case 'not valid':
        return this.#parsed(client, command.sql, values, true)
      default:
        return this.#parsed(client, sql, values, false)
    }
  }

  #begin(client: Client): Outcome {
    // PostgreSQL only warns of a second one.
    if (!this.#holder) {
      this.#holder = { client, back: this.#store.mark(), savepoints: [], now: new Date() }
      client.status = 'transaction'
    }
    return done('BEGIN')
  }

  #end(client: Client, isKept: boolean): Outcome {
    if (this.#holder && !isKept) this.#store = this.#holder.back()
    this.#holder = undefined
    client.status = 'idle'
    return done(isKept ? 'COMMIT' : 'ROLLBACK')
  }

  #savepoint(client: Client, kind: 'savepoint' | 'release' | 'rollback to', name: string): Outcome {
    const holder = this.#holder
    if (!holder)
      return fail('25P01', `${kind.toUpperCase()} can only be used in transaction blocks`)
    if (kind === 'savepoint') {
      holder.savepoints.push({ name, back: this.#store.mark() })
      return done('SAVEPOINT')
    }
    const at = holder.savepoints.findLastIndex((savepoint) => savepoint.name === name)
    const found = holder.savepoints[at]
    if (!found) return fail('3B001', `savepoint "${name}" does not exist`)
    if (kind === 'release') {
      holder.savepoints.splice(at)
      return done('RELEASE')
    }
    holder.savepoints.splice(at + 1)
    this.#store = found.back()
    client.status = 'transaction'
    return done('ROLLBACK')
  }

  /** A constraint that was added NOT VALID holds for all rows: it was refused where there were any. */
  #validate(name: string, constraint: string): Outcome {
    const table = this.#store.catalog.tables.get(name)
    const all = [...(table?.checks ?? []), ...(table?.foreignKeys ?? [])]
    if (!table) fail('42P01', `relation "${name}" does not exist`)
    if (!all.some((each) => each.name === constraint)) {
      fail('42704', `constraint "${constraint}" of relation "${name}" does not exist`)
    }
    return done('ALTER')
  }

  #parsed(
    client: Client,
    sql: string,
    values: readonly (string | null)[] | undefined,
    isNotValid: boolean,
  ): Outcome {
    const node = this.#parse(sql)
    const now = this.#holder?.now ?? new Date()
    const context = contextOf(this.#store.catalog, values, now)
    const command = DDL[node.type ?? '']
    if (command !== undefined) {
      if (isNotValid) this.#assertAdded(node)
      if (node.type === 'truncate table' && node['identity'] === 'restart' && this.#holder) {
        refuse('RESTART IDENTITY in a transaction is not emulated')
      }
      if (node['concurrently']) this.#concurrently(client)
      this.#change(node, context)
      return done(command)
    }
    const target = { store: this.#store, sequences: this.#sequences }
    switch (node.type) {
      case 'select':
      case 'union':
      case 'union all':
      case 'with':
        return this.#select(node, context)
      case 'insert':
        return this.#atomic(() => insert(node, context, target))
      case 'update':
        return update(node, context, target)
      case 'delete':
        return remove(node, context, target)
      default:
        return refuse(`${node.type ?? 'this statement'} is not emulated`)
    }
  }

  #parse(sql: string): SqlNode {
    let nodes: readonly SqlNode[]
    try {
      nodes = this.#pgMem.parse(sql)
    } catch (error) {
      throw new NotEmulated('the parser of pg-mem does not know it, or it is not SQL', {
        cause: error,
      })
    }
    const [node] = nodes
    return node && nodes.length === 1 ? node : refuse('this is not one statement')
  }

  #select(node: SqlNode, context: Context): Outcome {
    const query = topQuery(node, context)
    const found = this.#store.send(query.node).rows
    const rows = found.map((row) => query.columns.map((_, at) => row[`faasjs_${at}`] ?? null))
    return { command: 'SELECT', rowCount: rows.length, columns: query.columns, rows }
  }

  /** All rows or none; numbers that were taken stay taken. */
  #atomic(work: () => Outcome): Outcome {
    const back = this.#store.mark()
    try {
      return work()
    } catch (error) {
      this.#store = back()
      throw error
    }
  }

  #concurrently(client: Client): void {
    if (client.status !== 'idle') {
      fail('25001', 'CREATE INDEX CONCURRENTLY cannot run inside a transaction block')
    }
    this.#notes.add('CONCURRENTLY makes no difference')
  }

  #assertAdded(node: SqlNode): void {
    only(node, 'NOT VALID', ['table', 'changes', 'only'])
    const table = (node['table'] as { name: string }).name
    if ((this.#store.rows().get(table) ?? []).length > 0) {
      refuse('NOT VALID on a table with rows is not emulated: all rows would have to be valid')
    }
    this.#notes.add('NOT VALID makes no difference for a table without rows')
  }

  #change(node: SqlNode, context: Context): void {
    const rows = this.#store.rows()
    const {
      catalog,
      rows: changed,
      table,
    } = changeSchema(node, {
      context,
      rows,
      sequences: this.#sequences,
    })
    if (catalog === context.catalog && changed === rows) return
    const next = this.#store.changed(catalog, changed)
    // Rows may not fit a constraint: that is said now, not when they are asked for.
    if (table !== undefined && (changed.get(table) ?? []).length > 0) {
      try {
        void next.database
      } catch (error) {
        throw addedViolation(error, catalog, table)
      }
    }
    this.#store = next
  }
}

function addedViolation(error: unknown, catalog: Store['catalog'], table: string): unknown {
  const message = error instanceof Error ? error.message : ''
  const key = catalog.tables.get(table)?.uniques.at(-1)
  try {
    if (message.includes('duplicate key') && key) {
      return fail('23505', `could not create unique index "${key.name}"`, { constraint: key.name })
    }
    const check = /check constraint "(.+)" is violated/.exec(message)?.[1]
    if (check !== undefined) {
      return fail(
        '23514',
        `check constraint "${check}" of relation "${table}" is violated by some row`,
        { table, constraint: check },
      )
    }
    return error
  } catch (failure) {
    return failure
  }
}

function notEmulated(sql: string, { message, cause }: NotEmulated): TestDatabaseError {
  return new TestDatabaseError('NOT_EMULATED', {
    what: 'pg-mem cannot run this statement as PostgreSQL does',
    sql,
    why: message,
    fix: "use the engine 'pglite', which is PostgreSQL: createTestDatabase() instead of createMemoryDatabase()",
    note: 'nothing of the statement was done',
    details: { engine: 'pg-mem', nextEngine: 'pglite' },
    ...(cause !== undefined && { cause }),
  })
}

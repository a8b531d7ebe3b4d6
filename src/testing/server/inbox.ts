import { cstring, message, readyForQuery } from './backend-messages.ts'
import type { FrontendMessage } from './frontend-reader.ts'
import { endOfText, textOf } from './message-format.ts'
import { renamePrepared } from './prepared-names.ts'
import { ownDiscard } from './session-functions.ts'
import { type Definition, type Statement, Statements } from './statements.ts'
import { type Text, Texts } from './texts.ts'
import { refusedStatement } from './unsupported.ts'

const SYNC = message('S')
const FLUSH = message('H')
// Ends a COPY that was not recognised as one, before the engine waits for rows for ever. Outside of
// a COPY the engine ignores it.
const COPY_GUARD = message(
  'f',
  cstring('the embedded engine takes COPY … FROM STDIN only as a statement of its own'),
)

/** Something to do for a client, to be done in one go. */
export type Unit =
  | RunUnit
  /** Answers without the engine. */
  | { readonly kind: 'answer'; readonly bytes: Buffer }
  /** Asks the client for the rows of a COPY. */
  | { readonly kind: 'open-copy'; readonly binary: boolean; readonly extended: boolean }
  | { readonly kind: 'terminate' }

export interface RunUnit {
  readonly kind: 'run'
  readonly bytes: readonly Buffer[]
  /** Ends with a ReadyForQuery; otherwise the client has more to say before it lets go. */
  readonly sync: boolean
  /** Statements the engine must know before, as this unit does not prepare them itself. */
  readonly uses: ReadonlySet<Statement>
  readonly defines: readonly Definition[]
  /** What it runs last, for messages. */
  readonly sql: string
  /** What that does to prepared statements. */
  readonly drops: Text['drops']
  /** Those of its texts that may change the session. */
  readonly texts: readonly string[]
  /** What that may change in the session (`Touch`). */
  readonly touches: number
  /** A simple query or function call, which is skipped in a sequence that has failed. */
  readonly simple: boolean
  /** The client has been asked for these rows already. */
  readonly copy: boolean
}

const forEmbedded = new Texts((sql) => refusedStatement(sql) ?? ownDiscard(sql))

// Most units have none of them.
const NO_STATEMENTS: ReadonlySet<Statement> = new Set()
const NO_DEFINITIONS: readonly Definition[] = []
const NO_TEXTS: readonly string[] = []

interface Copying {
  readonly parts: Buffer[]
  readonly extended: boolean
  /** A Sync that came before the rows: ignored, unless the COPY never begins. */
  early: boolean
}

/** Turns the messages of one connection into units of work, in order. */
export class Inbox {
  readonly statements: Statements
  readonly #units: Unit[] = []
  /** Counts the times the engine lost its statements. */
  readonly #life: () => number
  readonly #read: (sql: string) => Text
  readonly #replacement = (sql: string, { replacement }: Text): string | undefined =>
    // What is run in place of a text; undefined for almost all.
    replacement ?? renamePrepared(sql, this.#rename)
  readonly #rename = (name: string): string => this.statements.aliasOf(name)
  readonly #copyPortals = new Map<string, boolean>()
  #parts: Buffer[] = []
  #uses: Set<Statement> | undefined
  #defines: Definition[] | undefined
  #sql = ''
  #drops: Text['drops'] = 'none'
  #texts: string[] | undefined
  #touches = 0
  #copying: Copying | undefined
  #skipping = false

  constructor(connectionId: number, life: () => number, texts: Texts = forEmbedded) {
    this.#read = (sql) => texts.of(sql)
    this.statements = new Statements(connectionId)
    this.#life = life
  }

  get isEmpty(): boolean {
    return this.#units.length === 0
  }

  /** What there is to be run, if that is all there is. */
  get only(): RunUnit | undefined {
    const [unit] = this.#units
    return this.#units.length === 1 && unit?.kind === 'run' ? unit : undefined
  }

  next(): Unit | undefined {
    return this.#units.shift()
  }

  /** Takes a unit back that is to be tried once more. */
  putBack(unit: Unit): void {
    this.#units.unshift(unit)
  }

  /** What the next unit runs, for messages. */
  get nextQuery(): string {
    const unit = this.#units.find((candidate) => candidate.kind === 'run')
    return unit?.kind === 'run' ? unit.sql : ''
  }

  push({ type, bytes }: FrontendMessage): void {
    if (type === 'X') {
      this.#units.push({ kind: 'terminate' })
    } else if (this.#skipping) {
      if (type === 'S') this.#endSkip()
    } else if (this.#copying) {
      this.#pushDuringCopy(this.#copying, type, bytes)
    } else {
      this.#pushMessage(type, bytes)
    }
  }

  /** Drops what belongs to a refused unit: everything up to the Sync that ends its sequence. */
  skipToSync(): void {
    this.#reset()
    for (;;) {
      const unit = this.#units.shift()
      if (!unit) break
      if (unit.kind === 'terminate') {
        this.#units.unshift(unit)
        return
      }
      if (unit.kind === 'run' && unit.sync) return this.#endSkip()
    }
    const early = this.#copying?.early
    this.#copying = undefined
    this.#skipping = true
    if (early) this.#endSkip()
  }

  /** The engine refused what came before a COPY, so no rows will follow. */
  refuseCopy(): void {
    const early = this.#copying?.early
    this.#copying = undefined
    if (early) this.#units.push(this.#run([SYNC], true))
  }

  #endSkip(): void {
    this.#skipping = false
    this.#units.unshift({ kind: 'answer', bytes: readyForQuery('I') })
  }

  #pushMessage(type: string, bytes: Buffer): void {
    switch (type) {
      case 'Q':
        return this.#pushQuery(bytes)
      case 'P':
        return this.#pushParse(bytes)
      case 'B':
        return this.#pushBind(bytes)
      case 'D':
      case 'C':
        return this.#pushDescribeOrClose(type, bytes)
      case 'E':
        return this.#pushExecute(bytes)
      case 'F':
        this.#finishEarlier()
        this.#parts.push(bytes)
        return this.#finish(true)
      case 'S':
        this.#parts.push(bytes)
        return this.#finish(true)
      case 'H':
        this.#parts.push(bytes)
        return this.#finish(false)
      default:
      // Rows of a COPY that has failed meanwhile: ignored, as by PostgreSQL.
    }
  }

  #pushQuery(bytes: Buffer): void {
    const sql = bytes.toString('utf8', 5, bytes.length - 1)
    const text = this.#read(sql)
    const { copy } = text
    this.#finishEarlier()
    this.#note(sql, text)
    this.statements.delete('')
    if (copy?.kind === 'from-client') {
      this.#openCopy(bytes, copy.binary, false)
      return
    }
    const replacement = this.#replacement(sql, text)
    this.#parts.push(replacement === undefined ? bytes : message('Q', cstring(replacement)))
    if (copy?.kind === 'unclear') this.#parts.push(COPY_GUARD)
    this.#finish(true)
  }

  #pushParse(bytes: Buffer): void {
    const definition = this.statements.define(bytes, this.#life(), this.#read, this.#replacement)
    if (!definition) {
      this.#parts.push(bytes)
      return
    }
    this.#defines ??= []
    this.#defines.push(definition)
    this.#note(definition.statement.sql, definition.statement.text)
    this.#parts.push(definition.statement.parse)
  }

  #pushBind(bytes: Buffer): void {
    const portalEnd = endOfText(bytes, 5)
    const nameEnd = endOfText(bytes, portalEnd + 1)
    const statement = nameEnd > 0 ? this.#use(textOf(bytes, portalEnd + 1, nameEnd)) : undefined
    if (portalEnd < 0 || !statement) {
      this.#parts.push(bytes)
      return
    }
    const { copy } = statement.text
    if (copy?.kind === 'from-client') {
      this.#copyPortals.set(bytes.toString('utf8', 5, portalEnd), copy.binary)
    } else if (this.#copyPortals.size > 0) {
      this.#copyPortals.delete(bytes.toString('utf8', 5, portalEnd))
    }
    if (statement.alias === '') this.#parts.push(bytes)
    else {
      const alias = cstring(statement.alias)
      this.#parts.push(
        message('B', bytes.subarray(5, portalEnd + 1), alias, bytes.subarray(nameEnd + 1)),
      )
    }
  }

  #pushDescribeOrClose(type: 'D' | 'C', bytes: Buffer): void {
    const name = bytes.toString('utf8', 6, bytes.length - 1)
    if (String.fromCharCode(bytes[5] ?? 0) !== 'S') {
      this.#parts.push(bytes)
      return
    }
    const statement = type === 'D' ? this.#use(name) : this.statements.delete(name)
    const renamed = statement && statement.alias !== ''
    this.#parts.push(renamed ? message(type, 'S', cstring(statement.alias)) : bytes)
  }

  #pushExecute(bytes: Buffer): void {
    const binary = this.#copyPortals.size > 0 ? this.#copyPortals.get(portalOf(bytes)) : undefined
    if (binary !== undefined) {
      // What comes before must have been answered when the client is asked for rows.
      this.#finishEarlier()
      this.#openCopy(bytes, binary, true)
      return
    }
    this.#parts.push(bytes)
    if (this.#mayBeCopy()) this.#parts.push(COPY_GUARD)
  }

  #pushDuringCopy(copying: Copying, type: string, bytes: Buffer): void {
    if (type === 'S') copying.early = true
    if (type === 'H' || type === 'S') return
    if (type === 'd') {
      copying.parts.push(bytes)
      return
    }
    // Anything but the end of the rows breaks the COPY off; PostgreSQL would end the connection.
    const ends = type === 'c' || type === 'f'
    copying.parts.push(ends ? bytes : COPY_GUARD)
    if (copying.extended) copying.parts.push(FLUSH)
    this.#copying = undefined
    this.#units.push(this.#run(copying.parts, !copying.extended, true))
    if (!ends) this.#pushMessage(type, bytes)
  }

  #openCopy(first: Buffer, binary: boolean, extended: boolean): void {
    this.#copying = { parts: [first], extended, early: false }
    this.#units.push({ kind: 'open-copy', binary, extended })
  }

  #use(name: string): Statement | undefined {
    const statement = this.statements.get(name)
    if (!statement) return undefined
    if (!this.#defines?.some((definition) => definition.statement === statement)) {
      this.#uses ??= new Set()
      this.#uses.add(statement)
    }
    this.#note(statement.sql, statement.text)
    return statement
  }

  #note(sql: string, { touches, drops }: Text): void {
    this.#sql = sql
    this.#drops = drops
    if (touches === 0) return
    this.#texts ??= []
    this.#texts.push(sql)
    this.#touches |= touches
  }

  #mayBeCopy(): boolean {
    const isUnclear = ({ text }: Statement): boolean => text.copy?.kind === 'unclear'
    for (const { statement } of this.#defines ?? NO_DEFINITIONS)
      if (isUnclear(statement)) return true
    for (const statement of this.#uses ?? NO_STATEMENTS) if (isUnclear(statement)) return true
    return false
  }

  /** What came before in a sequence is a unit of its own: if it fails, what comes now is skipped. */
  #finishEarlier(): void {
    if (this.#parts.length === 0) return
    this.#parts.push(FLUSH)
    this.#finish(false)
  }

  #finish(sync: boolean): void {
    this.#units.push(this.#run(this.#parts, sync))
    this.#reset()
  }

  #run(bytes: readonly Buffer[], sync: boolean, copy = false): RunUnit {
    return {
      kind: 'run',
      bytes,
      sync,
      uses: this.#uses ?? NO_STATEMENTS,
      defines: this.#defines ?? NO_DEFINITIONS,
      sql: this.#sql,
      drops: this.#drops,
      texts: this.#texts ?? NO_TEXTS,
      touches: this.#touches,
      simple: bytes[0]?.[0] === 0x51 || bytes[0]?.[0] === 0x46,
      copy,
    }
  }

  #reset(): void {
    this.#parts = []
    this.#uses = undefined
    this.#defines = undefined
    this.#texts = undefined
    this.#touches = 0
  }
}

/** Whose rows an Execute message wants. */
function portalOf(execute: Buffer): string {
  return execute.toString('utf8', 5, Math.max(endOfText(execute, 5), 5))
}

import { int16, int32, message, readyForQuery } from '../backend-messages.ts'
import { cstring } from '../backend-messages.ts'
import { type Engine, EngineError, queryEngine } from '../engine.ts'
import { finalStatus, firstError, replies, textRows } from '../replies.ts'
import { FLUSH, query } from './frontend-messages.ts'
import { readSettings, settingsIn, writeSettings } from './local-settings.ts'
import type { Step } from './prepared-texts.ts'
import { complete } from './transaction-messages.ts'

const NOTHING = Buffer.alloc(0)
const MARK = 'pg_faasjs_test'
const MOVE = [
  ['SET CONSTRAINTS', 'SET CONSTRAINTS ALL IMMEDIATE'],
  ['RELEASE', `RELEASE SAVEPOINT ${MARK}`],
  ['SAVEPOINT', `SAVEPOINT ${MARK}`],
] as const

/** Begins the test's transaction, with nothing committed in it. */
export const BEGIN: string = `BEGIN;SAVEPOINT ${MARK}`

/** Constraints that wait for the end of a transaction, as one list of names. */
const DEFERRED = `
SELECT pg_catalog.string_agg(DISTINCT pg_catalog.format('%I.%I', n.nspname, c.conname), ', ')
FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace
WHERE c.condeferred`

/** A message that moves the savepoint, and the answer when that works. */
export interface Move {
  readonly message: Buffer
  readonly answer: Buffer
}

/** What came of a move. */
export interface Moved {
  /** Of a deferred constraint. */
  readonly error: Buffer | undefined
  /** What triggers say that have waited for the end of a transaction. */
  readonly notices: Buffer
  /** Settings that clients are told of, and that have their values again. */
  readonly statuses: Buffer
}

/**
 * The place in a test's transaction up to which clients have committed what they did. Going back to it is their
 * rollback, moving it on their commit.
 */
export class TestSavepoint {
  readonly #engine: Engine
  #move: Move | undefined
  #deferred = ''
  #baseline: { readonly deferred: string; readonly move: Move | undefined } | undefined
  /** Settings that last as long as a client's transaction, with the values they had before. */
  readonly #settings = new Map<string, string>()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** The move ends with nothing else to do. */
  get isPlain(): boolean {
    return this.#settings.size === 0
  }

  /** Begins the test's transaction. */
  async begin(): Promise<void> {
    await queryEngine(this.#engine, BEGIN)
    await this.noteBaseline()
  }

  /** The test's transaction has begun: its schema is that of all tests. */
  async noteBaseline(): Promise<void> {
    if (!this.#baseline) await this.#readDeferred()
    this.#baseline ??= { deferred: this.#deferred, move: this.#move }
    this.#deferred = this.#baseline.deferred
    this.#move = this.#baseline.move
  }

  /** The test's transaction is over. */
  end(): void {
    this.#settings.clear()
  }

  /** The schema of tests may be another. */
  forgetBaseline(): void {
    this.#baseline = undefined
  }

  /** Constraints may have come or gone. */
  forgetSchema(): void {
    this.#move = undefined
  }

  /** The move as far as it is known; undefined when the schema must be looked at first. */
  get knownMove(): Move | undefined {
    return this.#move
  }

  /** What a client has done is undone. */
  async goBack(): Promise<void> {
    this.#settings.clear()
    await queryEngine(this.#engine, `ROLLBACK TO SAVEPOINT ${MARK}${this.#defer()}`)
  }

  /** What a client has done stays, unless a deferred constraint fails: then it is undone. */
  async moveOn(): Promise<Moved> {
    const move = this.#move ?? (await this.#readDeferred())
    return await this.settle(await this.#engine.exec([move.message]))
  }

  async #readDeferred(): Promise<Move> {
    this.#deferred = (await this.#ask(DEFERRED))[0]?.[0] ?? ''
    return (this.#move = this.#makeMove())
  }

  /** Draws the conclusions of a move that was tried. */
  async settle(answer: Buffer): Promise<Moved> {
    const notices = ofType(answer, 'N')
    if (finalStatus(answer) === 'E') {
      await this.goBack()
      return { error: ofType(answer, 'E'), notices, statuses: NOTHING }
    }
    if (this.#settings.size === 0) return { error: undefined, notices, statuses: NOTHING }
    const sql = writeSettings(this.#settings)
    this.#settings.clear()
    const written = await this.#engine.exec([
      query(`${sql};RELEASE SAVEPOINT ${MARK};SAVEPOINT ${MARK}`),
    ])
    // The client has lost the right to it meanwhile.
    if (finalStatus(written) === 'E') await this.goBack()
    return { error: undefined, notices, statuses: ofType(written, 'S') }
  }

  /** Before a client's transaction changes settings for itself: what they are. */
  async noteSettings({ sql, values }: Pick<Step, 'sql' | 'values'>): Promise<void> {
    const { local, lasting } = settingsIn(sql, values)
    const unknown = local.filter((name) => !this.#settings.has(name))
    const rows = unknown.length > 0 ? await this.#ask(readSettings(unknown)) : []
    for (const [name, value] of rows) this.#settings.set(name ?? '', value ?? '')
    // What is set for good is not to be taken back.
    for (const name of lasting) this.#settings.delete(name)
  }

  #makeMove(): Move {
    const isDeferred = this.#deferred !== ''
    const sql = MOVE.map(([, statement]) => statement).join(';') + this.#defer()
    const tags = [...MOVE.map(([tag]) => tag), ...(isDeferred ? ['SET CONSTRAINTS'] : [])]
    const answer = Buffer.concat([...tags.map(complete), readyForQuery('T')])
    return { message: query(sql), answer }
  }

  #defer(): string {
    return this.#deferred === '' ? '' : `;SET CONSTRAINTS ${this.#deferred} DEFERRED`
  }

  /** Reads something in the middle of what a client does, and leaves its unnamed statement alone. */
  async #ask(sql: string): Promise<(string | null)[][]> {
    const name = cstring('pg_faasjs_question')
    const none = int16(0)
    const answer = await this.#engine.exec([
      message('P', name, cstring(sql), none),
      message('B', name, name, none, none, none),
      message('E', name, int32(0)),
      message('C', 'P', name),
      message('C', 'S', name),
      FLUSH,
    ])
    const error = firstError(answer)
    if (error) throw new EngineError(error)
    return textRows(answer)
  }
}

function ofType(answer: Buffer, type: string): Buffer {
  const found = [...replies(answer)].filter((reply) => reply.type === type)
  return Buffer.concat(found.map(({ start, end }) => answer.subarray(start, end)))
}

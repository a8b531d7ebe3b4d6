import { performance } from 'node:perf_hooks'

import { endOfText, textOf } from './message-format.ts'
import { MessageScanner } from './message-scanner.ts'
import type { BoundValues, OpenQuery } from './open-query.ts'

/** Notes a query, and returns the note for what is known later. */
export type Note = (sql: Buffer, values: BoundValues | undefined) => OpenQuery

/** A statement or portal, as far as a log needs it. */
interface Prepared {
  readonly sql: Buffer
  readonly values: BoundValues | undefined
}

interface Pending {
  readonly query: OpenQuery
  readonly since: number
  readonly simple: boolean
  /** Which ReadyForQuery it ends with at the latest. */
  readonly cycle: number
}

/** What a client says that matters here. */
export const QUERY = 0x51
export const PARSE = 0x50
export const BIND = 0x42
export const EXECUTE = 0x45
export const FUNCTION_CALL = 0x46
export const SYNC = 0x53

// What the server says.
const ERROR = 0x45
const READY = 0x5a
const COMMAND_COMPLETE = 0x43
const EMPTY_QUERY = 0x49
const PORTAL_SUSPENDED = 0x73
const KEY_DATA = 0x4b
const HEADER = 5
const NOTHING = Buffer.alloc(0)

// Tests may put another clock in its place later.
export const now: () => number = performance.now.bind(performance)

const SPACE = 0x20
const ZERO = 0x30
const NINE = 0x39

/**
 * Overhears one connection: what its client asks, and when each answer is complete. It changes nothing and may
 * miss something.
 */
export class Conversation {
  readonly #note: Note
  readonly #statements = new Map<string, Buffer>()
  readonly #portals = new Map<string, Prepared>()
  /** What was sent and has not been answered; a simple query lasts until the server is ready. */
  #pending: Pending[] = []
  /** Counts what ends with ReadyForQuery: asked by the client, and answered. */
  #asked = 0
  #answered = 0
  /** The session's number, when the server has said it. */
  #session: number | undefined
  #isReady = false
  readonly #answers = new MessageScanner(isWanted, (type, bytes, start, end) =>
    this.#hear(type, bytes, start, end),
  )

  constructor(note: Note) {
    this.#note = note
  }

  /** The process id that the server has announced. */
  get session(): number | undefined {
    return this.#session
  }

  /** The server has taken the client in. */
  get isReady(): boolean {
    return this.#isReady
  }

  /**
   * The client sends this message.
   *
   * @param bytes - The whole of it. Those of a query, Parse and Bind are kept, and must not change.
   * @param at - When it arrived.
   */
  sent(type: number, bytes: Buffer, at: number = now()): void {
    switch (type) {
      case QUERY:
        this.#push({ sql: bytes.subarray(HEADER, -1), values: undefined }, true, at)
        this.#asked++
        return
      case PARSE: {
        const nameEnd = endOfText(bytes, HEADER)
        const sql = bytes.subarray(nameEnd + 1, endOfText(bytes, nameEnd + 1))
        this.#statements.set(textOf(bytes, HEADER, nameEnd), sql)
        return
      }
      case BIND: {
        const portalEnd = endOfText(bytes, HEADER)
        const nameEnd = endOfText(bytes, portalEnd + 1)
        const sql = this.#statements.get(textOf(bytes, portalEnd + 1, nameEnd)) ?? NOTHING
        const values = { bytes, start: nameEnd + 1 }
        this.#portals.set(textOf(bytes, HEADER, portalEnd), { sql, values })
        return
      }
      case EXECUTE: {
        const portal = this.#portals.get(textOf(bytes, HEADER, endOfText(bytes, HEADER)))
        if (portal) this.#push(portal, false, at)
        return
      }
      case FUNCTION_CALL:
      case SYNC:
        this.#asked++
        return
      default:
    }
  }

  /** The server sends this, in whatever pieces. */
  answered(bytes: Buffer): void {
    this.#answers.feed(bytes)
  }

  /** The connection has gone. */
  end(): void {
    for (const { query } of this.#pending) query.isLost = true
    this.#pending = []
  }

  #push({ sql, values }: Prepared, simple: boolean, since: number): void {
    const query = this.#note(sql, values)
    this.#pending.push({ query, since, simple, cycle: this.#asked })
  }

  #hear(type: number, bytes: Buffer, start: number, end: number): void {
    const [first] = this.#pending
    if (type === READY) {
      this.#isReady = true
      while (this.#pending[0]?.cycle === this.#answered) this.#finish()
      this.#answered = Math.min(this.#answered + 1, this.#asked)
    } else if (type === KEY_DATA) this.#session = bytes.readInt32BE(start + HEADER)
    else if (!first) return
    else if (type === ERROR) {
      first.query.error = errorOf(bytes.toString('utf8', start + HEADER, end))
      this.#finish()
      // What else was asked before the next Sync is not done.
      this.#pending = this.#pending.filter(({ cycle }) => cycle !== first.cycle)
    } else {
      const rows = type === COMMAND_COMPLETE ? countOf(bytes, end) : undefined
      if (rows !== undefined) first.query.rows = (first.query.rows ?? 0) + rows
      if (!first.simple) this.#finish()
    }
  }

  #finish(): void {
    const done = this.#pending.shift()
    if (done) done.query.duration = now() - done.since
  }
}

/** CommandComplete, EmptyQueryResponse and PortalSuspended are the end of what one Execute brings. */
function isWanted(type: number): boolean {
  return (
    type === COMMAND_COMPLETE ||
    type === READY ||
    type === ERROR ||
    type === EMPTY_QUERY ||
    type === PORTAL_SUSPENDED ||
    type === KEY_DATA
  )
}

/** The number at the end of a tag: `INSERT 0 3`, `SELECT 3`. */
function countOf(bytes: Buffer, end: number): number | undefined {
  let count = 0
  let unit = 1
  let at = end - 2
  for (; isDigit(bytes[at] ?? 0); at--, unit *= 10) count += ((bytes[at] ?? ZERO) - ZERO) * unit
  return unit > 1 && bytes[at] === SPACE ? count : undefined
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE
}

function errorOf(message: string): { readonly message: string; readonly code: string } {
  const fields = new Map<string, string>()
  for (const field of message.split('\0')) {
    if (field !== '') fields.set(field[0] ?? '', field.slice(1))
  }
  return { message: fields.get('M') ?? '', code: fields.get('C') ?? '' }
}

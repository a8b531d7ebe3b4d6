import { performance } from 'node:perf_hooks'

import type { FrontendMessage } from './frontend-reader.ts'

/** One statement that a client sent. */
export interface LoggedQuery {
  /** On which connection: `connection 3 (psql)`. */
  readonly connection: string
  readonly sql: string
  /** Its parameters as PostgreSQL writes them; binary ones as `\x…`. */
  readonly params: readonly (string | null)[]
  /** Milliseconds until its answer was complete; undefined while it runs. */
  readonly duration: number | undefined
  /** The server's message and SQLSTATE, when it failed. */
  readonly error: { readonly message: string; readonly code: string } | undefined
}

/** A query whose answer is on its way. */
export type OpenQuery = { -readonly [Key in keyof LoggedQuery]: LoggedQuery[Key] }

/** Notes a query, and returns the note for what is known later. */
export type Note = (sql: string, params: LoggedQuery['params']) => OpenQuery

/** A statement or portal, as far as a log needs it. */
interface Prepared {
  readonly sql: string
  readonly params: readonly (string | null)[]
}

interface Pending {
  readonly query: OpenQuery
  readonly since: number
  readonly simple: boolean
  /** Which ReadyForQuery it ends with at the latest. */
  readonly cycle: number
}

const ERROR = 0x45
const READY = 0x5a
// CommandComplete, EmptyQueryResponse, PortalSuspended: the end of what one Execute brings.
const COMPLETE = new Set([0x43, 0x49, 0x73])
const HEADER = 5
// Of an error's fields; those that matter come first.
const ERROR_LENGTH = 4096

/**
 * Overhears one connection: what its client asks, and when each answer is complete. It changes nothing and may
 * miss something, but must never fail.
 */
export class Conversation {
  readonly #note: Note
  readonly #statements = new Map<string, string>()
  readonly #portals = new Map<string, Prepared>()
  /** What was sent and has not been answered; a simple query lasts until the server is ready. */
  #pending: Pending[] = []
  /** Counts what ends with ReadyForQuery: asked by the client, and answered. */
  #asked = 0
  #answered = 0
  /** Of the message that is arriving from the server: its first bytes, and how many are to come. */
  #head: Buffer = Buffer.alloc(0)
  #left = 0

  constructor(note: Note) {
    this.#note = note
  }

  /** The client sends this. */
  sent({ type, bytes }: FrontendMessage): void {
    switch (type) {
      case 'Q':
        this.#push({ sql: bytes.toString('utf8', HEADER, bytes.length - 1), params: [] }, true)
        this.#asked++
        return
      case 'P': {
        const [name, end] = text(bytes, HEADER)
        this.#statements.set(name, text(bytes, end)[0])
        return
      }
      case 'B': {
        const [portal, portalEnd] = text(bytes, HEADER)
        const [name, nameEnd] = text(bytes, portalEnd)
        const sql = this.#statements.get(name) ?? ''
        this.#portals.set(portal, { sql, params: parameters(bytes, nameEnd) })
        return
      }
      case 'E': {
        const portal = this.#portals.get(text(bytes, HEADER)[0])
        if (portal) this.#push(portal, false)
        return
      }
      case 'F':
      case 'S':
        this.#asked++
        return
      default:
    }
  }

  /** The server sends this, in whatever pieces. */
  answered(bytes: Buffer): void {
    let offset = 0
    while (offset < bytes.length) {
      if (this.#left > 0) {
        const part = Math.min(this.#left, bytes.length - offset)
        if (this.#head[0] === ERROR && this.#head.length < ERROR_LENGTH) {
          this.#head = Buffer.concat([this.#head, bytes.subarray(offset, offset + part)])
        }
        this.#left -= part
        offset += part
      } else {
        const part = bytes.subarray(offset, offset + HEADER - this.#head.length)
        this.#head = this.#head.length === 0 ? part : Buffer.concat([this.#head, part])
        offset += part.length
        if (this.#head.length < HEADER) return
        this.#left = this.#head.readInt32BE(1) - 4
      }
      if (this.#left > 0) continue
      this.#hear(this.#head)
      this.#head = Buffer.alloc(0)
    }
  }

  #push({ sql, params }: Prepared, simple: boolean): void {
    const query = this.#note(sql, params)
    this.#pending.push({ query, since: performance.now(), simple, cycle: this.#asked })
  }

  #hear(message: Buffer): void {
    const [type = 0] = message
    const [first] = this.#pending
    if (type === ERROR && first) {
      first.query.error = errorOf(message)
      this.#finish()
      // What else was asked before the next Sync is not done.
      this.#pending = this.#pending.filter(({ cycle }) => cycle !== first.cycle)
    } else if (COMPLETE.has(type) && first && !first.simple) this.#finish()
    else if (type === READY) {
      while (this.#pending[0]?.cycle === this.#answered) this.#finish()
      this.#answered = Math.min(this.#answered + 1, this.#asked)
    }
  }

  #finish(): void {
    const done = this.#pending.shift()
    if (done) done.query.duration = performance.now() - done.since
  }
}

/** A string that ends with a zero byte, and where the next thing begins. */
function text(bytes: Buffer, start: number): [text: string, end: number] {
  const end = bytes.indexOf(0, start)
  return end < 0 ? ['', bytes.length] : [bytes.toString('utf8', start, end), end + 1]
}

/** Of a Bind message, from the formats of the parameters on. */
function parameters(bytes: Buffer, start: number): (string | null)[] {
  const formats: number[] = []
  let offset = start + 2
  for (let left = bytes.readUInt16BE(start); left > 0; left--, offset += 2) {
    formats.push(bytes.readInt16BE(offset))
  }
  const count = bytes.readUInt16BE(offset)
  offset += 2
  return Array.from({ length: count }, (_, index) => {
    const length = bytes.readInt32BE(offset)
    offset += 4
    if (length < 0) return null
    const value = bytes.subarray(offset, offset + length)
    offset += length
    // One format for all, or one each.
    const isBinary = (formats.length > 1 ? formats[index] : formats[0]) === 1
    return isBinary ? `\\x${value.toString('hex')}` : value.toString()
  })
}

function errorOf(message: Buffer): { readonly message: string; readonly code: string } {
  const fields = new Map<string, string>()
  for (const field of message.toString('utf8', HEADER).split('\0')) {
    if (field !== '') fields.set(field[0] ?? '', field.slice(1))
  }
  return { message: fields.get('M') ?? '', code: fields.get('C') ?? '' }
}

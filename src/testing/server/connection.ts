import { randomInt } from 'node:crypto'
import type { Socket } from 'node:net'

import {
  authenticationOk,
  backendKeyData,
  errorResponse,
  negotiateProtocolVersion,
  readyForQuery,
  type ServerError,
} from './backend-messages.ts'
import { type Conversation, now } from './conversation.ts'
import { type FrontendMessage, type FrontendReader, ProtocolViolation } from './frontend-reader.ts'
import { Inbox } from './inbox.ts'
import type { QueryLog } from './query-log.ts'
import type { Session } from './session.ts'
import type { Texts } from './texts.ts'
import type { Guest } from './visit.ts'

/** What a connection asks of the server it belongs to. */
export interface Lobby {
  readonly session: Session
  /** Hears what clients send; nobody unless given. */
  readonly log?: QueryLog | undefined
  /** Reads what clients want to be run; for the embedded engine unless given. */
  readonly texts?: Texts
  /** A client has got an answer. */
  readonly onAnswered?: (() => void) | undefined
  /**
   * Waits for the database, takes the client in, and returns what it is told about the server.
   *
   * @throws {Refusal} when it cannot be served.
   */
  admit(parameters: ReadonlyMap<string, string>): Promise<Admission>
}

export interface Admission {
  /** ParameterStatus messages. */
  readonly greeting: Buffer
  /** SQL that gives a fresh session this client's own settings. */
  readonly settings: string
}

/** Why a client is not served, as it is told. */
export class Refusal extends Error {
  readonly response: ServerError

  constructor(response: ServerError) {
    super(response.message)
    this.response = response
  }
}

// Bytes of answers that a client has not taken, above which it gets no more until it has.
const CONGESTED = 8 * 1024 * 1024

/** One client, from its startup packet to its end. */
export class Connection implements Guest {
  readonly id: number
  readonly secret: number = randomInt(1, 2 ** 31 - 1)
  readonly inbox: Inbox
  /** Which test worker it belongs to, as far as the server knows. */
  readonly tenant: string
  settings = ''
  label: string
  readonly #socket: Socket
  readonly #reader: FrontendReader
  readonly #lobby: Lobby
  readonly #conversation: Conversation | undefined
  /** What has arrived and was not overheard yet: until the client has its answer, as that is what it waits for. */
  readonly #unheard: FrontendMessage[] = []
  #arrivedAt = 0
  #congested = false
  #state: 'starting' | 'open' | 'closed' = 'starting'

  constructor(id: number, tenant: string, socket: Socket, reader: FrontendReader, lobby: Lobby) {
    this.id = id
    this.tenant = tenant
    this.label = `connection ${id}`
    this.#socket = socket
    this.#reader = reader
    this.#lobby = lobby
    this.#conversation = lobby.log?.join(() => this.label)
    this.inbox = new Inbox(id, () => lobby.session.statements.number, lobby.texts)
  }

  /** Answers the startup packet and begins to take messages. */
  async start(parameters: ReadonlyMap<string, string>, newer: boolean): Promise<void> {
    const name = parameters.get('application_name')
    if (name) this.label = `connection ${this.id} (${name})`
    const unknown = [...parameters.keys()].filter((key) => key.startsWith('_pq_.'))
    if (newer || unknown.length > 0) this.send(negotiateProtocolVersion(unknown))
    const refusal = refusalOf(parameters)
    if (refusal) return this.fail(refusal)
    let admission: Admission
    try {
      admission = await this.#lobby.admit(parameters)
    } catch (error) {
      this.fail(error instanceof Refusal ? error.response : internalError(error))
      return
    }
    if (this.#state === 'closed') return
    this.settings = admission.settings
    this.#state = 'open'
    this.send(
      Buffer.concat([
        authenticationOk(),
        admission.greeting,
        backendKeyData(this.id, this.secret),
        readyForQuery('I'),
      ]),
    )
    this.read()
  }

  /** Takes the messages that have arrived. */
  read(): void {
    if (this.#state !== 'open') return
    this.#arrivedAt = now()
    try {
      for (;;) {
        const message = this.#reader.nextMessage()
        if (!message) break
        this.#unheard.push(message)
        this.inbox.push(message)
      }
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error
      this.fail({ severity: 'FATAL', code: '08P01', message: error.message })
      return
    }
    this.#lobby.session.notice(this)
    this.#overhear()
  }

  #overhear(): void {
    for (const { bytes } of this.#unheard) {
      this.#conversation?.sent(bytes[0] ?? 0, bytes, this.#arrivedAt)
    }
    this.#unheard.length = 0
  }

  get congested(): boolean {
    return this.#congested
  }

  send(bytes: Buffer): void {
    if (this.#state === 'closed' || bytes.length === 0) return
    this.#socket.write(bytes)
    this.#lobby.onAnswered?.()
    this.#overhear()
    this.#conversation?.answered(bytes)
    if (this.#congested || this.#socket.writableLength < CONGESTED) return
    this.#congested = true
    this.#socket.pause()
    this.#socket.once('drain', () => this.#relieve())
  }

  #relieve(): void {
    this.#congested = false
    this.#socket.resume()
    this.#lobby.session.notice(this)
  }

  /** Sends a last error and ends. */
  fail(error: ServerError): void {
    this.send(errorResponse(error))
    this.end()
  }

  end(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#socket.end()
    this.#conversation?.end()
    void this.#lobby.session.leave(this)
  }

  /** The client has gone without a word: what it sent before is still done, in its turn. */
  hangUp(): void {
    if (this.#state === 'starting') this.end()
    if (this.#state === 'closed') return
    this.inbox.push({ type: 'X', bytes: Buffer.alloc(0) })
    this.#lobby.session.notice(this)
  }
}

const UTF8 = /^(?:utf-?8|unicode|sql_ascii|)$/i

function refusalOf(parameters: ReadonlyMap<string, string>): ServerError | undefined {
  const fatal = (code: string, message: string): ServerError => {
    return { severity: 'FATAL', code, message }
  }
  if (!parameters.get('user')) {
    return fatal('28000', 'no PostgreSQL user name specified in startup packet')
  }
  const replication = parameters.get('replication')
  if (replication !== undefined && !/^(?:off|false|no|0)$/i.test(replication)) {
    return fatal('0A000', 'the embedded engine cannot be replicated')
  }
  const encoding = parameters.get('client_encoding') ?? ''
  if (!UTF8.test(encoding.replaceAll("'", ''))) {
    return fatal('0A000', `client_encoding "${encoding}" is not supported: use UTF8`)
  }
  return undefined
}

function internalError(error: unknown): ServerError {
  const message = error instanceof Error ? error.message : String(error)
  return { severity: 'FATAL', code: 'XX000', message }
}

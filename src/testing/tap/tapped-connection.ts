import {
  BIND,
  type Conversation,
  EXECUTE,
  FUNCTION_CALL,
  PARSE,
  QUERY,
  SYNC,
} from '../server/conversation.ts'
import { FrontendReader } from '../server/frontend-reader.ts'
import { MessageScanner } from '../server/message-scanner.ts'
import type { QueryLog } from '../server/query-log.ts'
import { parseStartup } from '../server/startup.ts'

const NO = 0x4e

export interface WatchedDatabase {
  /** What connections are called: `session 4711`. */
  readonly noun: string
}

/**
 * One connection of this process, overheard at its socket. What is not a client of the database is left alone from
 * its first packet on, and so is whatever cannot be understood.
 */
export class TappedConnection {
  readonly #log: QueryLog
  readonly #databases: ReadonlyMap<string, WatchedDatabase>
  readonly #onEncryption: () => void
  readonly #startup = new FrontendReader()
  readonly #messages = new MessageScanner(isWanted, (type, bytes, start, end) => {
    const message = bytes.subarray(start, end)
    // A copy of what is kept: clients may fill the same buffer again.
    const isKept = type === BIND || type === PARSE || type === QUERY
    this.#conversation?.sent(type, isKept ? Buffer.from(message) : message)
  })
  #conversation: Conversation | undefined
  #state: 'starting' | 'asking' | 'open' | 'encrypted' | 'deaf' = 'starting'
  #noun = ''
  #application = ''
  #label: string | undefined

  /**
   * @param databases - Those of its server, by name.
   * @param onEncryption - Called when the client asks for encryption, before it is answered.
   */
  constructor(
    log: QueryLog,
    databases: ReadonlyMap<string, WatchedDatabase>,
    onEncryption: () => void,
  ) {
    this.#log = log
    this.#databases = databases
    this.#onEncryption = onEncryption
  }

  /** It is on its way to the database, which has not taken it in yet. */
  get isConnecting(): boolean {
    if (this.#state === 'open') return this.#conversation?.isReady === false
    return this.#state === 'starting' || this.#state === 'asking'
  }

  /** From here on bytes are encrypted: what was agreed on is heard at another socket. */
  get isEncrypted(): boolean {
    return this.#state === 'encrypted'
  }

  /** Another socket takes over, in clear text. */
  decrypt(): void {
    this.#state = 'starting'
  }

  /** The socket has gone. */
  close(): void {
    this.#conversation?.end()
    this.#state = 'deaf'
  }

  /** The client writes this. Whatever happens here, it must not notice. */
  sent(chunk: unknown, encoding: unknown): void {
    if (this.#state === 'deaf') return
    try {
      const bytes = bytesOf(chunk, encoding)
      if (this.#state === 'open') this.#messages.feed(bytes)
      else if (this.#state === 'starting' || this.#state === 'asking') this.#begin(bytes)
    } catch {
      this.#state = 'deaf'
    }
  }

  /** This arrives for the client; nothing more at its end. */
  received(chunk: unknown, encoding: unknown): void {
    if (this.#state === 'deaf' || !chunk) return
    try {
      const bytes = bytesOf(chunk, encoding)
      if (this.#state === 'open') this.#conversation?.answered(bytes)
      else if (this.#state === 'asking') this.#state = bytes[0] === NO ? 'starting' : 'encrypted'
    } catch {
      this.#state = 'deaf'
    }
  }

  #begin(bytes: Buffer): void {
    this.#startup.push(Buffer.from(bytes))
    const packet = this.#startup.nextStartup()
    if (!packet) return
    const startup = parseStartup(packet)
    if (startup.kind === 'encryption') {
      this.#state = 'asking'
      this.#onEncryption()
    } else if (startup.kind !== 'session') this.#state = 'deaf'
    else {
      const { parameters } = startup
      const name = parameters.get('database') ?? parameters.get('user')
      const database = this.#databases.get(name ?? '')
      this.#state = database ? 'open' : 'deaf'
      if (!database) return
      this.#noun = database.noun
      this.#application = parameters.get('application_name') ?? ''
      this.#conversation = this.#log.join(() => this.#name())
      this.#messages.feed(this.#startup.rest())
    }
  }

  #name(): string {
    const session = this.#conversation?.session
    if (session === undefined) return `a new ${this.#noun}`
    const name = this.#application === '' ? '' : ` (${this.#application})`
    return (this.#label ??= `${this.#noun} ${session}${name}`)
  }
}

function isWanted(type: number): boolean {
  return (
    type === BIND ||
    type === EXECUTE ||
    type === SYNC ||
    type === PARSE ||
    type === QUERY ||
    type === FUNCTION_CALL
  )
}

const NOTHING = Buffer.alloc(0)

function bytesOf(chunk: unknown, encoding: unknown): Buffer {
  if (Buffer.isBuffer(chunk)) return chunk
  if (typeof chunk === 'string') {
    return Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
  }
  if (!ArrayBuffer.isView(chunk)) return NOTHING
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}

import { isWellFormed } from './message-format.ts'

/** One message of a client: its type byte and the whole of it, type and length included. */
export interface FrontendMessage {
  readonly type: string
  readonly bytes: Buffer
}

/** The client sent something that cannot be a message of the protocol. */
export class ProtocolViolation extends Error {}

/** Everything a client may send after its startup packet. The engine never returns from others. */
const KNOWN_TYPES = new Map(
  Array.from('BCDEFHPQSXcdf', (type) => [type.charCodeAt(0), type] as const),
)

// PostgreSQL's own limits: a longer startup packet or message is refused before it is read.
const MAX_STARTUP_LENGTH = 10_000
const MAX_MESSAGE_LENGTH = 0x3fff_ffff

/** Cuts the bytes of a client into messages, whatever pieces they arrive in. */
export class FrontendReader {
  #chunks: Buffer[] = []
  /** Of the first chunk, what has been taken. */
  #offset = 0
  #size = 0
  /** Bytes that must be there before it is worth looking again. */
  #wanted = 1

  push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#size += chunk.length
  }

  /**
   * The next startup packet (no type byte), without its length; undefined until all of it is there.
   *
   * @throws {ProtocolViolation} when its length cannot be right.
   */
  nextStartup(): Buffer | undefined {
    const head = this.#peek(4)
    if (!head) return undefined
    const length = head.readInt32BE(this.#offset)
    if (length < 8 || length > MAX_STARTUP_LENGTH) {
      throw new ProtocolViolation(`invalid length of startup packet: ${length}`)
    }
    return this.#take(length)?.subarray(4)
  }

  /**
   * The next message; undefined until all of it is there.
   *
   * @throws {ProtocolViolation} when its type is unknown, or its length or format cannot be right.
   */
  nextMessage(): FrontendMessage | undefined {
    const head = this.#peek(5)
    if (!head) return undefined
    const code = head[this.#offset] ?? 0
    const type = KNOWN_TYPES.get(code)
    if (type === undefined) throw new ProtocolViolation(`invalid frontend message type ${code}`)
    const length = head.readInt32BE(this.#offset + 1)
    if (length < 4 || length > MAX_MESSAGE_LENGTH) {
      throw new ProtocolViolation(`invalid message length ${length}`)
    }
    const bytes = this.#take(length + 1)
    if (!bytes) return undefined
    if (!isWellFormed(type, bytes)) {
      throw new ProtocolViolation(`invalid message format of type "${type}"`)
    }
    return { type, bytes }
  }

  /** What has arrived and was not taken. */
  rest(): Buffer {
    const rest = this.#size > 0 ? this.#join(this.#size).subarray(this.#offset) : Buffer.alloc(0)
    this.#chunks = []
    this.#offset = this.#size = 0
    return rest
  }

  #peek(length: number): Buffer | undefined {
    if (this.#size < Math.max(length, this.#wanted)) return undefined
    return this.#join(length)
  }

  #take(length: number): Buffer | undefined {
    if (this.#size < length) {
      // Remembered, so that a large message in many chunks is joined once, not once per chunk.
      this.#wanted = length
      return undefined
    }
    const joined = this.#join(length)
    const start = this.#offset
    this.#wanted = 1
    this.#size -= length
    this.#offset += length
    if (this.#offset === joined.length) {
      this.#chunks.shift()
      this.#offset = 0
    }
    return joined.subarray(start, start + length)
  }

  /** The first chunk, with at least so many bytes that were not taken. */
  #join(length: number): Buffer {
    const [first] = this.#chunks
    if (first && first.length - this.#offset >= length) return first
    const joined = Buffer.concat(this.#chunks).subarray(this.#offset)
    this.#chunks = [joined]
    this.#offset = 0
    return joined
  }
}

import { isWellFormed } from './message-format.ts'

/** One message of a client: its type byte and the whole of it, type and length included. */
export interface FrontendMessage {
  readonly type: string
  readonly bytes: Buffer
}

/** The client sent something that cannot be a message of the protocol. */
export class ProtocolViolation extends Error {}

/** Everything a client may send after its startup packet. The engine never returns from others. */
const KNOWN_TYPES = new Set('BCDEFHPQSXcdf')

// PostgreSQL's own limits: a longer startup packet or message is refused before it is read.
const MAX_STARTUP_LENGTH = 10_000
const MAX_MESSAGE_LENGTH = 0x3fff_ffff

/** Cuts the bytes of a client into messages, whatever pieces they arrive in. */
export class FrontendReader {
  #chunks: Buffer[] = []
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
    const length = head.readInt32BE(0)
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
    const type = String.fromCharCode(head[0] ?? 0)
    if (!KNOWN_TYPES.has(type)) {
      throw new ProtocolViolation(`invalid frontend message type ${head[0]}`)
    }
    const length = head.readInt32BE(1)
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
    return Buffer.concat(this.#chunks.splice(0))
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
    this.#wanted = 1
    this.#size -= length
    this.#chunks[0] = joined.subarray(length)
    if (this.#chunks[0].length === 0) this.#chunks.shift()
    return joined.subarray(0, length)
  }

  /** The first chunk, made at least `length` long. */
  #join(length: number): Buffer {
    const [first] = this.#chunks
    if (first && first.length >= length) return first
    const joined = Buffer.concat(this.#chunks)
    this.#chunks = [joined]
    return joined
  }
}

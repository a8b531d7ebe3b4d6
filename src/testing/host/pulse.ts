// Offsets in the shared buffer: when the statement began, then two texts, each after its length.
const TEST = 8
const QUERY = 520
const TEXT_LENGTH = 508
const OWN = QUERY + 4 + TEXT_LENGTH
const SIZE = OWN + 1

const QUERY_MESSAGE = 0x51
const PARSE_MESSAGE = 0x50

/** What an engine's thread is doing. */
export interface Busy {
  /** Milliseconds. */
  readonly duration: number
  readonly test: string | undefined
  readonly query: string
  /** It is the host's work, not a client's. */
  readonly own: boolean
}

/**
 * Tells other threads that an engine is busy: its own cannot answer, as a statement blocks it.
 */
export class Pulse {
  readonly buffer: SharedArrayBuffer
  readonly #since: BigInt64Array
  readonly #bytes: Buffer

  /** @param buffer - Of the pulse of another thread. */
  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(SIZE)) {
    this.buffer = buffer
    this.#since = new BigInt64Array(buffer, 0, 1)
    this.#bytes = Buffer.from(buffer)
  }

  /** The test that runs from now on. */
  enter(test: string | undefined): void {
    this.#write(TEST, Buffer.from(test ?? ''))
  }

  /** From now on the engine does the host's work, or again that of clients. */
  setOwn(own: boolean): void {
    this.#bytes[OWN] = own ? 1 : 0
  }

  /** The engine begins with messages of the wire protocol. */
  begin(messages: readonly Buffer[]): void {
    this.#write(QUERY, queryOf(messages))
    Atomics.store(this.#since, 0, BigInt(Date.now()))
  }

  end(): void {
    Atomics.store(this.#since, 0, 0n)
  }

  /** What the engine is at; undefined when it waits for work. */
  get busy(): Busy | undefined {
    const since = Number(Atomics.load(this.#since, 0))
    if (since === 0) return undefined
    const test = this.#read(TEST)
    return {
      duration: Date.now() - since,
      test: test === '' ? undefined : test,
      query: this.#read(QUERY),
      own: this.#bytes[OWN] === 1,
    }
  }

  #write(offset: number, text: Buffer): void {
    const length = text.copy(this.#bytes, offset + 4, 0, TEXT_LENGTH)
    this.#bytes.writeUInt32LE(length, offset)
  }

  #read(offset: number): string {
    const start = offset + 4
    // A copy: text in shared memory cannot be decoded.
    const bytes = Buffer.from(this.#bytes.subarray(start, start + this.#bytes.readUInt32LE(offset)))
    return bytes.toString()
  }
}

const PREPARED = Buffer.from('a prepared statement')

function queryOf(messages: readonly Buffer[]): Buffer {
  for (const message of messages) {
    const isParse = message[0] === PARSE_MESSAGE
    if (message[0] !== QUERY_MESSAGE && !isParse) continue
    const start = isParse ? message.indexOf(0, 5) + 1 : 5
    const end = message.indexOf(0, start)
    return message.subarray(start, end < 0 ? undefined : end)
  }
  return PREPARED
}

/** Is given one message: the whole of it lies between `start` and `end`, type and length included. */
export type MessageListener = (type: number, bytes: Buffer, start: number, end: number) => void

const HEADER = 5
const NOTHING = Buffer.alloc(0)

/**
 * Finds the messages in one direction of a connection, in whatever pieces they come. Those that nobody wants are
 * passed over without being put together; those that are there as a whole are not copied.
 */
export class MessageScanner {
  readonly #isWanted: (type: number) => boolean
  readonly #listener: MessageListener
  /** The pieces of a message that is not complete, and their length. */
  #pieces: Buffer[] = []
  #gathered = 0
  /** Bytes of a message that is passed over. */
  #skip = 0

  constructor(isWanted: (type: number) => boolean, listener: MessageListener) {
    this.#isWanted = isWanted
    this.#listener = listener
  }

  /** @throws {RangeError} for what cannot be a message. */
  feed(piece: Buffer): void {
    let offset = Math.min(this.#skip, piece.length)
    this.#skip -= offset
    if (this.#gathered > 0) offset = this.#complete(piece)
    while (offset < piece.length) {
      const left = piece.length - offset
      if (left < HEADER) return this.#gather(piece.subarray(offset))
      const type = piece[offset] ?? 0
      const length = lengthAt(piece, offset)
      if (left >= length) {
        if (this.#isWanted(type)) this.#listener(type, piece, offset, offset + length)
        offset += length
      } else if (this.#isWanted(type)) {
        return this.#gather(piece.subarray(offset))
      } else {
        this.#skip = length - left
        return
      }
    }
  }

  #gather(piece: Buffer): void {
    this.#pieces.push(piece)
    this.#gathered += piece.length
  }

  /** Goes on with a message that began in an earlier piece; where the next one begins in this. */
  #complete(piece: Buffer): number {
    let taken = 0
    const take = (wanted: number): boolean => {
      const part = piece.subarray(taken, taken + Math.max(0, wanted - this.#gathered))
      if (part.length > 0) this.#gather(part)
      taken += part.length
      return this.#gathered >= wanted
    }
    if (!take(HEADER)) return taken
    const [first = NOTHING] = this.#pieces
    const head = first.length >= HEADER ? first : Buffer.concat(this.#pieces)
    if (head !== first) this.#pieces = [head]
    const type = head[0] ?? 0
    const length = lengthAt(head, 0)
    if (!this.#isWanted(type)) {
      this.#skip = Math.max(0, length - this.#gathered)
      this.#clear()
      const skipped = Math.min(this.#skip, piece.length - taken)
      this.#skip -= skipped
      return taken + skipped
    }
    if (!take(length)) return taken
    const whole = this.#pieces.length === 1 ? head : Buffer.concat(this.#pieces)
    this.#clear()
    this.#listener(type, whole, 0, length)
    return taken
  }

  #clear(): void {
    this.#pieces = []
    this.#gathered = 0
  }
}

/** Of the whole message, its type included. */
function lengthAt(bytes: Buffer, offset: number): number {
  const length = bytes.readInt32BE(offset + 1)
  if (length < 4) throw new RangeError(`no message has a length of ${length}`)
  return length + 1
}

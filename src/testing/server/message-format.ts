/** Reads the body of a message; any step beyond its end makes it invalid. */
class Body {
  readonly #bytes: Buffer
  #offset = 5
  #isValid = true

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** Everything was there, and nothing is left. */
  get isRead(): boolean {
    return this.#isValid && this.#offset === this.#bytes.length
  }

  skip(length: number): this {
    this.#offset += length
    if (length < 0 || this.#offset > this.#bytes.length) this.#isValid = false
    return this
  }

  /** A string and the zero byte at its end. */
  text(): this {
    const end = this.#isValid ? this.#bytes.indexOf(0, this.#offset) : -1
    if (end < 0) this.#isValid = false
    else this.#offset = end + 1
    return this
  }

  int16(): number {
    const at = this.#offset
    return this.skip(2).#isValid ? this.#bytes.readInt16BE(at) : 0
  }

  /** As many items of this size as a number before them says. */
  items(size: number): this {
    return this.skip(this.#count() * size)
  }

  /** Values with their lengths before them, -1 for NULL. */
  values(): this {
    for (let left = this.#count(); left > 0 && this.#isValid; left--) {
      const at = this.#offset
      const length = this.skip(4).#isValid ? this.#bytes.readInt32BE(at) : 0
      if (length !== -1) this.skip(length)
    }
    return this
  }

  /** Numbers of items are unsigned. */
  #count(): number {
    return this.int16() & 0xffff
  }
}

const FORMATS: Readonly<Record<string, (body: Body) => Body>> = {
  B: (body) => body.text().text().items(2).values().items(2),
  C: (body) => body.skip(1).text(),
  D: (body) => body.skip(1).text(),
  E: (body) => body.text().skip(4),
  F: (body) => body.skip(4).items(2).values().skip(2),
  H: (body) => body,
  P: (body) => body.text().text().items(4),
  Q: (body) => body.text(),
  S: (body) => body,
  X: (body) => body,
  c: (body) => body,
  f: (body) => body.text(),
}

/**
 * Whether a message is built as the protocol says. The engine must not see others: it would wait for
 * the rest of them for ever, as it takes its input for a stream.
 */
export function isWellFormed(type: string, bytes: Buffer): boolean {
  const format = FORMATS[type]
  return format === undefined || format(new Body(bytes)).isRead
}

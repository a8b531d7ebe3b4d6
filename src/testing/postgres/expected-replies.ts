const HEADER = 5

/** What each message of a client is answered with in the end, as the type of that reply. */
const LAST_REPLY: Readonly<Record<string, string>> = {
  P: '1',
  B: '2',
  C: '3',
  // RowDescription or NoData.
  D: 'T',
  // CommandComplete, EmptyQueryResponse or PortalSuspended.
  E: 'C',
  F: 'Z',
  Q: 'Z',
  S: 'Z',
}

/** Replies that stand for others. */
const ALIKE: Readonly<Record<string, string>> = { n: 'T', I: 'C', s: 'C' }

/** Knows when a server has answered what it was sent: without a Sync at the end nothing says so. */
export class ExpectedReplies {
  #expected: string[] = []
  /** An error came: the server ignores everything until the next Sync. */
  #isIgnored = false
  /** Of the message that arrives: its first bytes, and how many are to come. */
  #head: Buffer = Buffer.alloc(0)
  #left = 0

  get isComplete(): boolean {
    return this.#expected.length === 0
  }

  /** These messages are sent. */
  expect(messages: readonly Buffer[]): void {
    for (const message of messages) {
      const type = String.fromCharCode(message[0] ?? 0)
      if (type === 'S') this.#isIgnored = false
      const last = LAST_REPLY[type]
      if (last !== undefined && !this.#isIgnored) this.#expected.push(last)
    }
  }

  /** These bytes have come, in whatever pieces. */
  hear(bytes: Buffer): void {
    let offset = 0
    while (offset < bytes.length) {
      if (this.#left === 0) {
        const part = bytes.subarray(offset, offset + HEADER - this.#head.length)
        this.#head = this.#head.length === 0 ? part : Buffer.concat([this.#head, part])
        offset += part.length
        if (this.#head.length < HEADER) return
        this.#left = this.#head.readInt32BE(1) - 4
      }
      const part = Math.min(this.#left, bytes.length - offset)
      this.#left -= part
      offset += part
      if (this.#left > 0) return
      this.#note(String.fromCharCode(this.#head[0] ?? 0))
      this.#head = Buffer.alloc(0)
    }
  }

  #note(type: string): void {
    const [next] = this.#expected
    if (type === 'E') {
      const sync = this.#expected.indexOf('Z')
      this.#isIgnored = sync < 0
      this.#expected.splice(0, sync < 0 ? this.#expected.length : sync)
    } else if (next !== undefined && next === (ALIKE[type] ?? type)) this.#expected.shift()
  }
}

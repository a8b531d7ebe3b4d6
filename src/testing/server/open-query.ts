/** One statement that a client sent. */
export interface LoggedQuery {
  /** On which connection: `connection 3 (psql)` of PGlite, `session 4711 (psql)` of a server. */
  readonly connection: string
  readonly sql: string
  /** Its parameters as PostgreSQL writes them; binary ones as `\x…`. */
  readonly params: readonly (string | null)[]
  /** Milliseconds until its answer was complete; undefined while it runs. */
  readonly duration: number | undefined
  /** How many rows it returned or wrote; undefined while it runs, when it failed, and where that is no number. */
  readonly rows: number | undefined
  /** The server's message and SQLSTATE, when it failed. */
  readonly error: { readonly message: string; readonly code: string } | undefined
}

/** Values of a Bind message, which begin somewhere in it. */
export interface BoundValues {
  readonly bytes: Buffer
  /** Of the formats of the parameters. */
  readonly start: number
}

/**
 * A query whose answer is on its way, or has come. What it says is decoded when somebody asks: most of the time
 * nobody does, and a recorder must cost next to nothing.
 */
export class OpenQuery {
  duration: number | undefined
  rows: number | undefined
  error: LoggedQuery['error']
  /** Its connection has gone: no answer will come. */
  isLost = false
  readonly #connection: string
  readonly #sql: Buffer
  readonly #values: BoundValues | undefined

  constructor(connection: string, sql: Buffer, values: BoundValues | undefined) {
    this.#connection = connection
    this.#sql = sql
    this.#values = values
  }

  /** Bytes that it keeps in memory. */
  get size(): number {
    return this.#sql.length + (this.#values?.bytes.length ?? 0)
  }

  toLogged(): LoggedQuery {
    return {
      connection: this.#connection,
      sql: this.#sql.toString(),
      params: this.#values ? decodeValues(this.#values) : [],
      duration: this.duration,
      rows: this.error ? undefined : this.rows,
      error: this.error,
    }
  }
}

function decodeValues({ bytes, start }: BoundValues): (string | null)[] {
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

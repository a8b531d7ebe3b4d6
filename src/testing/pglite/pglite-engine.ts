import type { PGlite } from '@electric-sql/pglite'

import { cstring, int32, message } from '../server/backend-messages.ts'
import type { Engine } from '../server/engine.ts'
import { finalStatus, firstError, replies, textRows } from '../server/replies.ts'

const PROTOCOL_VERSION = 3 << 16

/** Is told when the engine is busy. */
export interface EngineWatch {
  begin(messages: readonly Buffer[]): void
  end(): void
}

/** PGlite behind the wire protocol. */
export class PGliteEngine implements Engine {
  /** ParameterStatus messages: what the server says about itself at the start of a connection. */
  readonly greeting: Buffer
  /** Undefined where this version of PGlite does not answer at once. */
  readonly execAtOnce: ((messages: readonly Buffer[]) => Buffer) | undefined
  readonly #pglite: PGlite
  readonly #watch: EngineWatch | undefined
  /** What the last run threw. */
  #failure: { readonly error: unknown } | undefined

  private constructor(pglite: PGlite, greeting: Buffer, isImmediate: boolean, watch?: EngineWatch) {
    this.#pglite = pglite
    this.greeting = greeting
    this.#watch = watch
    if (!isImmediate) return
    this.execAtOnce = (messages) => this.#execAtOnce(messages)
    const engine = pglite as Pick<PGlite, 'execProtocolRawSync'>
    const { execProtocolRawSync } = engine
    engine.execProtocolRawSync = (...args) => {
      try {
        return execProtocolRawSync.apply(pglite, args)
      } catch (error) {
        this.#failure = { error }
        throw error
      }
    }
  }

  static async start(pglite: PGlite, watch?: EngineWatch): Promise<PGliteEngine> {
    const parameters = ['user', 'postgres', 'database', 'postgres', ''].map(cstring)
    const body = Buffer.concat([int32(PROTOCOL_VERSION), ...parameters])
    const running = run(pglite, Buffer.concat([int32(body.length + 4), body]))
    // It promises to have run what it has run already.
    const isImmediate = running.chunks.length > 0
    await running.done
    const answer = joined(running.chunks)
    const statuses = [...replies(answer)].filter((reply) => reply.type === 'S')
    const greeting = Buffer.concat(statuses.map(({ start, end }) => answer.subarray(start, end)))
    return new PGliteEngine(pglite, greeting, isImmediate, watch)
  }

  async exec(messages: readonly Buffer[]): Promise<Buffer> {
    if (this.execAtOnce) return this.execAtOnce(messages)
    this.#watch?.begin(messages)
    try {
      const { chunks, done } = run(this.#pglite, joined(messages))
      await done
      return joined(chunks)
    } finally {
      this.#watch?.end()
    }
  }

  #execAtOnce(messages: readonly Buffer[]): Buffer {
    this.#watch?.begin(messages)
    const { chunks, done } = run(this.#pglite, joined(messages))
    this.#watch?.end()
    const failure = this.#failure
    if (!failure) return joined(chunks)
    this.#failure = undefined
    done.catch(() => {})
    throw failure.error
  }

  /**
   * Runs a simple query and returns its rows as text.
   *
   * @throws {Error} with the server's message when a statement fails.
   */
  async query(sql: string): Promise<(string | null)[][]> {
    const answer = await this.exec([message('Q', cstring(sql))])
    const error = firstError(answer)
    if (error) throw new Error(error.get('M'))
    if (!finalStatus(answer)) throw new Error('the embedded engine stopped answering')
    return textRows(answer)
  }
}

interface Run {
  readonly chunks: Buffer[]
  readonly done: Promise<void>
}

function run(pglite: PGlite, bytes: Buffer): Run {
  const chunks: Buffer[] = []
  const done = pglite.execProtocolRawStream(bytes, {
    syncToFs: false,
    // The bytes are the engine's own memory: they change with its next step.
    onRawData: (chunk) => void chunks.push(Buffer.from(chunk)),
  })
  return { chunks, done }
}

/** Pieces that follow each other in memory, as the messages of one packet do, are not copied. */
function joined(pieces: readonly Buffer[]): Buffer {
  const [first] = pieces
  if (!first) return Buffer.alloc(0)
  let end = first.byteOffset
  for (const { buffer, byteOffset, length } of pieces) {
    if (buffer !== first.buffer || byteOffset !== end) return Buffer.concat(pieces)
    end += length
  }
  return pieces.length === 1
    ? first
    : Buffer.from(first.buffer, first.byteOffset, end - first.byteOffset)
}

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
  readonly #pglite: PGlite
  readonly #watch: EngineWatch | undefined

  private constructor(pglite: PGlite, greeting: Buffer, watch: EngineWatch | undefined) {
    this.#pglite = pglite
    this.greeting = greeting
    this.#watch = watch
  }

  static async start(pglite: PGlite, watch?: EngineWatch): Promise<PGliteEngine> {
    const parameters = ['user', 'postgres', 'database', 'postgres', ''].map(cstring)
    const body = Buffer.concat([int32(PROTOCOL_VERSION), ...parameters])
    const answer = await run(pglite, Buffer.concat([int32(body.length + 4), body]))
    const statuses = [...replies(answer)].filter((reply) => reply.type === 'S')
    const greeting = Buffer.concat(statuses.map(({ start, end }) => answer.subarray(start, end)))
    return new PGliteEngine(pglite, greeting, watch)
  }

  async exec(messages: readonly Buffer[]): Promise<Buffer> {
    this.#watch?.begin(messages)
    try {
      return await run(this.#pglite, Buffer.concat(messages))
    } finally {
      this.#watch?.end()
    }
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

async function run(pglite: PGlite, bytes: Buffer): Promise<Buffer> {
  const chunks: Buffer[] = []
  await pglite.execProtocolRawStream(bytes, {
    syncToFs: false,
    // The bytes are the engine's own memory: they change with its next step.
    onRawData: (chunk) => void chunks.push(Buffer.from(chunk)),
  })
  const [first] = chunks
  return first && chunks.length === 1 ? first : Buffer.concat(chunks)
}

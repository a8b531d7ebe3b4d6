import { once } from 'node:events'
import type { Socket } from 'node:net'

import { Client } from 'pg'

import { connectTo } from '../server/address.ts'
import { cstring, int32, message } from '../server/backend-messages.ts'
import type { Engine } from '../server/engine.ts'
import { ExpectedReplies } from './expected-replies.ts'
import { parametersOf } from './server-url.ts'

/** What is used of `pg`'s own connection: it knows how to log in. */
interface Wire {
  readonly stream: Socket
  on(event: 'parameterStatus', listener: (status: Status) => void): void
}

/** What tells a session's owner. */
interface BackendKey {
  readonly processID: number
  readonly secretKey: number
}

const CANCEL = 80877102

interface Status {
  readonly parameterName: string
  readonly parameterValue: string
}

/** One session of a server, with the messages of the wire protocol as they are. */
export class ServerEngine implements Engine {
  /** ParameterStatus messages: what the server says about itself at the start of a connection. */
  readonly greeting: Buffer
  /** Asks the server to break off what this session runs. */
  readonly cancel: () => void
  readonly #socket: Socket
  readonly #replies = new ExpectedReplies()
  #arrived: Buffer[] = []
  #onData: () => void = () => {}

  private constructor(socket: Socket, greeting: Buffer, cancelling: () => void) {
    this.#socket = socket
    this.cancel = cancelling
    this.greeting = greeting
    socket.on('data', (chunk: Buffer) => {
      this.#arrived.push(chunk)
      this.#replies.hear(chunk)
      this.#onData()
    })
    socket.on('close', () => this.#onData())
    // Must not keep the process alive after the tests.
    socket.unref()
  }

  /** @throws the driver's error when the server cannot be reached. */
  static async connect(url: string): Promise<ServerEngine> {
    const client = new Client({
      connectionString: url,
      fallback_application_name: 'faasjs-pg',
      keepAlive: true,
    })
    // It hears of the end of its connection, which is not its own any more.
    client.on('error', () => {})
    const wire = (client as unknown as { connection: Wire }).connection
    const statuses = new Map<string, string>()
    wire.on('parameterStatus', ({ parameterName, parameterValue }) =>
      statuses.set(parameterName, parameterValue),
    )
    await client.connect()
    const { stream } = wire
    stream.removeAllListeners('data')
    const greeting = [...statuses].map(([name, value]) =>
      message('S', cstring(name), cstring(value)),
    )
    const { processID, secretKey } = client as unknown as BackendKey
    const request = Buffer.concat([16, CANCEL, processID, secretKey].map(int32))
    return new ServerEngine(stream, Buffer.concat(greeting), () => {
      const socket = connectTo(parametersOf(url))
      // The server closes it without a word.
      socket.on('error', () => {})
      socket.end(request)
    })
  }

  /** The session has ended. */
  get isClosed(): boolean {
    return this.#socket.destroyed || this.#socket.readableEnded
  }

  async exec(messages: readonly Buffer[]): Promise<Buffer> {
    // What came by itself is of no answer.
    this.#arrived = []
    this.#replies.expect(messages)
    if (!this.isClosed) this.#socket.write(Buffer.concat(messages))
    this.#socket.ref()
    try {
      while (!this.#replies.isComplete && !this.isClosed) {
        await new Promise<void>((resolve) => (this.#onData = resolve))
      }
    } finally {
      this.#socket.unref()
    }
    const [first] = this.#arrived
    const answer = first && this.#arrived.length === 1 ? first : Buffer.concat(this.#arrived)
    this.#arrived = []
    return answer
  }

  async close(): Promise<void> {
    if (this.isClosed) return
    // Whoever waits for it may have nothing else that keeps the process alive.
    this.#socket.ref()
    // The server would finish it first.
    if (!this.#replies.isComplete) this.cancel()
    const closed = once(this.#socket, 'close')
    this.#socket.end(message('X'))
    await closed
  }
}

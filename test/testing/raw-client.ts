import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

import { cstring, int16, int32, message } from '../../src/testing/server/backend-messages.ts'
import { errorFields, replies } from '../../src/testing/server/replies.ts'

/** Messages a client sends, for tests that need them one by one. */
export const frontend = {
  query: (sql: string) => message('Q', cstring(sql)),
  parse: (name: string, sql: string) => message('P', cstring(name), cstring(sql), int16(0)),
  bind: (portal: string, name: string) =>
    message('B', cstring(portal), cstring(name), int16(0), int16(0), int16(0)),
  describe: (kind: 'S' | 'P', name: string) => message('D', kind, cstring(name)),
  execute: (portal: string) => message('E', cstring(portal), int32(0)),
  /** Asks for so many rows and no more. */
  executeSome: (portal: string, rows: number) => message('E', cstring(portal), int32(rows)),
  close: (kind: 'S' | 'P', name: string) => message('C', kind, cstring(name)),
  sync: message('S'),
  flush: message('H'),
  copyData: (text: string) => message('d', text),
  copyDone: message('c'),
  copyFail: (why: string) => message('f', cstring(why)),
  terminate: message('X'),
}

export function startupPacket(parameters: Record<string, string>, minor = 0): Buffer {
  const words = Object.entries(parameters).flat()
  const body = Buffer.concat([int32((3 << 16) + minor), ...words.map(cstring), Buffer.from([0])])
  return Buffer.concat([int32(body.length + 4), body])
}

/** A client that sends what it is told and notes what comes back, one word per message. */
export class RawClient {
  readonly socket: Socket
  #bytes: Buffer = Buffer.alloc(0)
  #seen = 0
  #changed: () => void = () => {}

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk])
      this.#changed()
    })
    socket.on('close', () => this.#changed())
    socket.on('error', () => {})
  }

  /** A connected socket, nothing sent. */
  static async open(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new RawClient(socket)
  }

  /** A connection that is ready for queries. */
  static async start(port: number, parameters: Record<string, string> = {}): Promise<RawClient> {
    const client = await RawClient.open(port)
    client.send(startupPacket({ user: 'postgres', database: 'postgres', ...parameters }))
    await client.until('Z:I')
    return client
  }

  send(...messages: Buffer[]): void {
    this.socket.write(Buffer.concat(messages))
  }

  /** Sends messages and returns what comes back, up to the next ReadyForQuery. */
  async ask(...messages: Buffer[]): Promise<string[]> {
    this.send(...messages)
    return await this.until('Z:')
  }

  /** Waits for an answer that begins like this; everything since the last one, it included. */
  async until(start: string): Promise<string[]> {
    for (;;) {
      const words = this.#words()
      const at = words.findIndex((word) => word.startsWith(start))
      if (at >= 0) {
        this.#forget(at + 1)
        return words.slice(0, at + 1)
      }
      await this.#more(start, words)
    }
  }

  /** Waits until the server has closed the connection; what came before. */
  async untilClosed(): Promise<string[]> {
    if (!this.socket.closed) await once(this.socket, 'close')
    return this.#words()
  }

  async #more(start: string, words: string[]): Promise<void> {
    if (this.socket.closed) throw new Error(`closed before "${start}": ${words.join(' ')}`)
    await new Promise<void>((resolve) => (this.#changed = resolve))
  }

  #words(): string[] {
    const bytes = this.#bytes.subarray(this.#seen)
    return [...replies(bytes)]
      .filter((reply) => reply.end <= bytes.length)
      .map((reply) => word(bytes, reply))
  }

  #forget(count: number): void {
    const bytes = this.#bytes.subarray(this.#seen)
    this.#seen += [...replies(bytes)][count - 1]?.end ?? 0
  }
}

function word(bytes: Buffer, reply: { type: string; start: number; end: number }): string {
  if (reply.type === 'E') return `E:${errorFields(bytes, reply).get('C')}`
  const body = bytes.toString('latin1', reply.start + 5, reply.end)
  if (reply.type === 'D') return `D:${body.slice(6)}`
  if (reply.type === 'C' || reply.type === 'Z') return `${reply.type}:${body.replace('\0', '')}`
  return reply.type
}

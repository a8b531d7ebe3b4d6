import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'

import { type Address, connectTo, isSocket } from '../server/address.ts'
import { cstring, errorResponse, int32 } from '../server/backend-messages.ts'
import { FrontendReader } from '../server/frontend-reader.ts'
import { greet } from '../server/greet.ts'
import { listenAnywhere } from '../server/listen.ts'
import { removeSocketFolder } from '../server/socket-folder.ts'
import type { Startup } from '../server/startup.ts'
import { authenticate } from './authenticate.ts'

/** Where a client is led to. */
export interface Destination {
  readonly address: Address
  /** The database it gets when it asks for that of the gate. */
  readonly database: string
  /** Who serves the client in place of the server, which only says whether it may connect. */
  readonly stage?: Stage | undefined
}

export interface Stage {
  adopt(socket: Socket, reader: FrontendReader, startup: Startup & { kind: 'session' }): void
  cancel(processId: number, secret: number): void
}

export interface GateOptions {
  /** The name under which clients ask for the database. */
  readonly database: string
  /** Called for every client; makes what it wants to connect to. */
  readonly lead: () => Promise<Destination>
  /** A test worker that wants resets, not queries; what it has sent besides. */
  readonly onControl: (socket: Socket, rest: Buffer) => void
}

/** `Sorry` of a server that cannot serve: PostgreSQL's `cannot_connect_now`. */
const CANNOT_CONNECT = '57P03'

/**
 * An address that leads to a database which need not be there before somebody connects. What is sent through it is
 * not looked at.
 */
export class Gate {
  readonly #options: GateOptions
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #listening: Promise<Address> | undefined

  constructor(options: GateOptions) {
    this.#options = options
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket))
    this.#server.unref()
  }

  listen(): Promise<Address> {
    this.#listening ??= listenAnywhere(this.#server, 'tcp')
    return this.#listening
  }

  async close(): Promise<void> {
    const address = await this.#listening?.catch(() => undefined)
    if (!address) return
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    await closed
    if (isSocket(address)) removeSocketFolder(address.host)
  }

  #accept(socket: Socket): void {
    this.#keep(socket)
    greet(socket, {
      onStartup: (startup, reader, packet) => {
        if (startup.kind === 'control') return this.#options.onControl(socket, reader.rest())
        socket.pause()
        void this.#lead(socket, Buffer.concat([withLength(packet), reader.rest()]), startup)
      },
      // Whoever that is, it is no client.
      onViolation: () => void socket.destroy(),
    })
  }

  async #lead(socket: Socket, arrived: Buffer, startup: Startup): Promise<void> {
    try {
      const { address, database, stage } = await this.#options.lead()
      if (socket.destroyed) return
      const server = connectTo(address)
      this.#keep(server)
      await once(server, 'connect')
      const isSession = startup.kind === 'session'
      const isOurs = isSession && startup.parameters.get('database') === this.#options.database
      const first = isOurs ? renamed(arrived, startup.parameters, database) : arrived
      const isOnStage = isOurs || (isSession && startup.parameters.get('database') === database)
      if (stage && isOnStage) {
        if (!(await authenticate(socket, server, first))) return
        stage.adopt(socket, new FrontendReader(), startup)
        return
      }
      if (stage && startup.kind === 'cancel') stage.cancel(startup.processId, startup.secret)
      server.write(first)
      server.pipe(socket)
      socket.pipe(server)
      socket.once('close', () => server.destroy())
      server.once('close', () => socket.destroy())
    } catch (error) {
      const message = `the test database is not there: ${summary(error)}`
      socket.end(errorResponse({ severity: 'FATAL', code: CANNOT_CONNECT, message }))
    }
  }

  #keep(socket: Socket): void {
    // Must not keep the process alive after the tests.
    socket.unref()
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    // `close` follows.
    socket.on('error', () => {})
  }
}

function withLength(packet: Buffer): Buffer {
  return Buffer.concat([int32(packet.length + 4), packet])
}

/** The startup packet with another database in it. */
function renamed(
  packet: Buffer,
  parameters: ReadonlyMap<string, string>,
  database: string,
): Buffer {
  const words = [...parameters].flatMap(([name, value]) => [
    cstring(name),
    cstring(name === 'database' ? database : value),
  ])
  const version = packet.subarray(4, 8)
  return withLength(Buffer.concat([version, ...words, Buffer.from([0])]))
}

function summary(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { summary: known } = error as { summary?: unknown }
  return typeof known === 'string' ? known : error.message
}

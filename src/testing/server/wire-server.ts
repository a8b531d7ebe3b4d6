import { createServer, type Server, type Socket } from 'node:net'

import { type Address, isSocket, type Transport } from './address.ts'
import { errorResponse } from './backend-messages.ts'
import { Connection, type Lobby } from './connection.ts'
import { type FrontendReader, ProtocolViolation } from './frontend-reader.ts'
import { greet } from './greet.ts'
import { listenAnywhere, listenAt } from './listen.ts'
import { removeSocketFolder } from './socket-folder.ts'
import type { Startup } from './startup.ts'

const ENDED = 'terminating connection due to administrator command'

export interface WireServerOptions {
  readonly lobby: Lobby
  /** Takes over a socket that asked for the control channel; `rest` has arrived already. */
  readonly onControl: (socket: Socket, rest: Buffer) => void
}

/** Speaks PostgreSQL's wire protocol on a TCP port or a Unix socket, for any number of clients. */
export class WireServer {
  readonly #options: WireServerOptions
  readonly #server: Server
  #address: Address | undefined
  readonly #sockets = new Set<Socket>()
  readonly #connections = new Map<number, Connection>()
  #lastId = 0
  /** The test worker that connections are booked on from now on. */
  tenant = ''

  constructor(options: WireServerOptions) {
    this.#options = options
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket))
  }

  /**
   * Listens where clients of this machine can connect, and returns where that is.
   *
   * @param address - There and nowhere else: where a server before this one did.
   */
  async listen(transport: Transport = 'tcp', address?: Address): Promise<Address> {
    this.#address = address
      ? await listenAt(this.#server, address)
      : await listenAnywhere(this.#server, transport)
    return this.#address
  }

  /** Serves a client whose startup packet somebody else has read. */
  adopt(socket: Socket, reader: FrontendReader, startup: Startup & { kind: 'session' }): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    this.#connect(socket, reader, startup)
    socket.resume()
  }

  /** Ends all connections. */
  endAll(): void {
    for (const connection of this.#connections.values()) {
      connection.fail({ severity: 'FATAL', code: '57P01', message: ENDED })
    }
  }

  /** Ends the connections that belong to other test workers. */
  endOtherTenants(): void {
    for (const connection of this.#connections.values()) {
      if (connection.tenant !== this.tenant) connection.end()
    }
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    await closed
    if (this.#address && isSocket(this.#address)) removeSocketFolder(this.#address.host)
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    // A reset by the client is an end like any other; `close` follows.
    socket.on('error', () => {})
    greet(socket, {
      onStartup: (startup, reader) => this.#dispatch(startup, socket, reader),
      onViolation: (error) => {
        if (!(error instanceof ProtocolViolation)) throw error
        socket.end(errorResponse({ severity: 'FATAL', code: '08P01', message: error.message }))
      },
    })
  }

  #dispatch(startup: Startup, socket: Socket, reader: FrontendReader): void {
    switch (startup.kind) {
      case 'control':
        this.#options.onControl(socket, reader.rest())
        return
      case 'cancel':
        this.cancel(startup.processId, startup.secret)
        socket.end()
        return
      case 'session':
        this.#connect(socket, reader, startup)
        return
      default:
        socket.end(
          errorResponse({
            severity: 'FATAL',
            code: '0A000',
            message: `unsupported frontend protocol ${startup.kind === 'unsupported' ? startup.version : ''}`,
          }),
        )
    }
  }

  #connect(socket: Socket, reader: FrontendReader, startup: Startup & { kind: 'session' }): void {
    const id = ++this.#lastId
    const connection = new Connection(id, this.tenant, socket, reader, this.#options.lobby)
    this.#connections.set(id, connection)
    socket.on('data', (chunk: Buffer) => {
      reader.push(chunk)
      connection.read()
    })
    socket.on('close', () => {
      this.#connections.delete(id)
      connection.hangUp()
    })
    void connection.start(startup.parameters, startup.newer)
  }

  /** A cancel request. */
  cancel(processId: number, secret: number): void {
    const connection = this.#connections.get(processId)
    if (connection?.secret === secret) this.#options.lobby.session.cancel(connection)
  }
}

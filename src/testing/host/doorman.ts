import { createServer, type Server, type Socket } from 'node:net'

import { type Address, type Transport, connectTo, isSocket } from '../server/address.ts'
import { listenAnywhere } from '../server/listen.ts'
import { removeSocketFolder } from '../server/socket-folder.ts'

/**
 * Listens for a server that is not there yet. The first connection starts it; what connects here is passed
 * on to it.
 */
export class Doorman {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #address: Promise<Address> | undefined

  /** @param open - Starts the server unless it runs, and says where it listens. */
  constructor(open: () => Promise<Address>) {
    this.#server = createServer({ noDelay: true, pauseOnConnect: true, allowHalfOpen: true })
    this.#server.on('connection', (socket: Socket) => {
      this.#keep(socket)
      open().then(
        (address) => this.#join(socket, address),
        // Whoever asks the host next is told why.
        () => socket.destroy(),
      )
    })
    this.#server.unref()
  }

  listen(transport: Transport): Promise<Address> {
    this.#address ??= listenAnywhere(this.#server, transport)
    return this.#address
  }

  async close(): Promise<void> {
    const address = await this.#address?.catch(() => undefined)
    if (!address) return
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
    if (isSocket(address)) removeSocketFolder(address.host)
  }

  #keep(socket: Socket): void {
    // It is the clients that keep a process alive.
    socket.unref()
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => this.#sockets.delete(socket))
  }

  #join(outer: Socket, address: Address): void {
    if (outer.destroyed) return
    const inner = connectTo(address, true)
    this.#keep(inner)
    // An end is passed on by the pipes, a reset here.
    outer.on('close', () => inner.destroy())
    inner.on('close', () => outer.destroy())
    outer.pipe(inner)
    inner.pipe(outer)
  }
}

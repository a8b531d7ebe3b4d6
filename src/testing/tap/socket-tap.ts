import { syncBuiltinESMExports } from 'node:module'
import net, { type Socket } from 'node:net'
import { join } from 'node:path'

import { QueryLog } from '../server/query-log.ts'
import { TappedConnection, type WatchedDatabase } from './tapped-connection.ts'

// Tests may put other clocks in their place later.
const { setTimeout } = globalThis
const now = performance.now.bind(performance)

// Milliseconds without a statement after which nothing more is expected of a test that is over, and how long
// that is waited for at most.
const QUIET = 10
const LONGEST_DRAIN = 200

// On the function that stands for Node's own: contexts of Vitest's vm pools share that, and nothing else.
const OWNER = Symbol.for('@faasjs/pg/tap')

/**
 * Hears what this process sends to its test databases, at its own sockets: no hop, and no client must know.
 *
 * What it cannot hear are other processes and threads, and clients that are no JavaScript.
 */
export class SocketTap {
  readonly log: QueryLog = new QueryLog()
  /** By port, or by the path of a socket, and then by name. */
  readonly #places = new Map<string, Map<string, WatchedDatabase>>()
  readonly #connections = new Set<TappedConnection>()
  readonly #sockets = new WeakMap<object, TappedConnection>()
  #restoreTls: (() => void) | undefined

  /** The one of this process, and of this global object: in a vm pool each file has another. */
  static install(): SocketTap {
    const installed = Reflect.get(methodOf(net.Socket.prototype, 'connect'), OWNER) as
      | Installed
      | undefined
    if (installed?.global === globalThis) return installed.tap
    installed?.uninstall()
    const tap = new SocketTap()
    tap.#install()
    return tap
  }

  /**
   * From now on connections to this database are heard.
   *
   * @param noun - What they are called, besides their number.
   */
  watch(url: string, noun = 'session'): void {
    const { hostname, port, pathname, searchParams } = new URL(url)
    const host = searchParams.get('host') ?? decodeURIComponent(hostname)
    const number = searchParams.get('port') ?? (port || process.env['PGPORT'] || '5432')
    const folder = host || process.env['PGHOST'] || ''
    const place = folder.startsWith('/') ? join(folder, `.s.PGSQL.${number}`) : number
    const databases = this.#places.get(place) ?? new Map<string, WatchedDatabase>()
    databases.set(decodeURIComponent(pathname.slice(1)), { noun })
    this.#places.set(place, databases)
  }

  /**
   * Waits until nothing is on its way any more, as far as that takes no time worth mentioning.
   *
   * @returns how many statements had been sent before.
   */
  async drain(): Promise<number> {
    const { log } = this
    const before = log.count
    const end = now() + LONGEST_DRAIN
    let count = before
    while ((this.#isBusy() || log.count !== count) && now() < end) {
      count = log.count
      await new Promise((resolve) => setTimeout(resolve, QUIET))
    }
    return before
  }

  #isBusy(): boolean {
    if (this.log.running.length > 0) return true
    return [...this.#connections].some(({ isConnecting }) => isConnecting)
  }

  #install(): void {
    const { prototype } = net.Socket
    const connect = methodOf(prototype, 'connect')
    const begin = (socket: Socket, args: readonly unknown[]): void => this.#begin(socket, args)
    const tapped = function (this: Socket, ...args: unknown[]): unknown {
      const socket = Reflect.apply(connect, this, args)
      // Now, as Node has put its own `write` back.
      begin(this, args)
      return socket
    }
    const uninstall = (): void => {
      if (methodOf(prototype, 'connect') !== tapped) return
      Object.assign(prototype, { connect })
      this.#restoreTls?.()
      syncBuiltinESMExports()
    }
    const installed: Installed = { tap: this, global: globalThis, uninstall }
    Object.defineProperty(tapped, OWNER, { value: installed })
    Object.assign(prototype, { connect: tapped })
    syncBuiltinESMExports()
  }

  /**
   * What is sent through an encrypted socket is heard before it is encrypted. Only from the first client on that
   * wants one: with `tls` comes all of Node's cryptography, for which others would wait in every test file.
   */
  #installTls(): void {
    if (this.#restoreTls) return
    const tls = process.getBuiltinModule('node:tls')
    const connect = methodOf(tls, 'connect')
    const follow = (socket: Socket, args: readonly unknown[]): void => this.#secure(socket, args)
    const tapped = (...args: unknown[]): unknown => {
      const socket = Reflect.apply(connect, tls, args)
      follow(socket as Socket, args)
      return socket
    }
    this.#restoreTls = () => {
      if (methodOf(tls, 'connect') === tapped) Object.assign(tls, { connect })
    }
    Object.assign(tls, { connect: tapped })
    syncBuiltinESMExports()
  }

  #begin(socket: Socket, args: readonly unknown[]): void {
    try {
      const databases = this.#places.get(placeOf(args))
      if (databases === undefined || this.#sockets.has(socket)) return
      this.#attach(socket, new TappedConnection(this.log, databases, () => this.#installTls()))
    } catch {
      // Then it is not heard.
    }
  }

  #secure(socket: Socket, args: readonly unknown[]): void {
    for (const argument of args) {
      const { socket: inner } = (argument ?? {}) as { socket?: object }
      const connection = inner && this.#sockets.get(inner)
      if (!connection?.isEncrypted) continue
      connection.decrypt()
      this.#attach(socket, connection)
    }
  }

  /** Methods of its own stand before those of the prototype, and call these. */
  #attach(socket: Socket, connection: TappedConnection): void {
    this.#sockets.set(socket, connection)
    this.#connections.add(connection)
    socket.once('close', () => {
      connection.close()
      this.#connections.delete(connection)
    })
    listen(socket, 'write', (chunk, encoding) => connection.sent(chunk, encoding))
    // Node hands what has arrived to the stream with it, flowing or not.
    listen(socket, 'push', (chunk, encoding) => connection.received(chunk, encoding))
  }
}

interface Installed {
  readonly tap: SocketTap
  readonly global: object
  readonly uninstall: () => void
}

type Method = (this: object, ...args: readonly unknown[]) => unknown

function methodOf(target: object, name: string): Method {
  return Reflect.get(target, name) as Method
}

/** Has a method of this object tell what it is called with, before it does what it always does. */
function listen(
  target: object,
  name: string,
  listener: (chunk: unknown, encoding: unknown) => void,
): void {
  const method = methodOf(target, name)
  // Neither takes more, and lists of arguments would cost more than all the rest.
  const value = function (this: object, chunk: unknown, encoding: unknown, done: unknown): unknown {
    listener(chunk, encoding)
    return method.call(this, chunk, encoding, done)
  }
  Object.defineProperty(target, name, { value, configurable: true, writable: true })
}

/** The port or path in the arguments of `connect`: an options object, one in a list, or one by one. */
function placeOf(args: readonly unknown[]): string {
  const [first] = args
  const target = Array.isArray(first) ? (first as unknown[])[0] : first
  if (typeof target !== 'object' || target === null) return String(target)
  const { port, path } = target as { port?: unknown; path?: unknown }
  return String(path ?? port)
}

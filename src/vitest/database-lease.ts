import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { isMainThread, threadId } from 'node:worker_threads'

import { rpcOverSocket } from '../testing/host/json-lines.ts'
import type { ControlCommands } from '../testing/host/protocol.ts'
import type { Handlers, Rpc } from '../testing/host/rpc.ts'
import type { Stray } from '../testing/server/session.ts'
import { CONTROL_REQUEST } from '../testing/server/startup.ts'
import type { CheckIn, FrontDeskCommands, Lease, PluginContext } from './protocol.ts'

interface Channel<Remote extends Handlers> {
  readonly socket: Socket
  readonly rpc: Rpc<Remote>
}

// Tests may put other clocks in their place later.
const { setInterval, clearInterval } = globalThis

// Milliseconds before the main process is asked to look what keeps the database from answering.
const PATIENCE = 1000

/** The database of this test worker, for one test file. */
export class DatabaseLease {
  readonly url: string
  /** See {@link Lease.quick}. */
  readonly quick: boolean
  readonly #port: number
  readonly #request: CheckIn
  readonly #frontDesk: Channel<FrontDeskCommands>
  #control: Promise<Channel<ControlCommands>> | undefined

  private constructor(lease: Lease, request: CheckIn, frontDesk: Channel<FrontDeskCommands>) {
    this.url = lease.url
    this.quick = lease.quick
    this.#port = lease.port
    this.#request = request
    this.#frontDesk = frontDesk
    process.once('disconnect', exit)
  }

  /** Asks the Vitest main process for the database of this worker's slot. */
  static async open({ port, token, project }: PluginContext): Promise<DatabaseLease> {
    const request: CheckIn = {
      token,
      project,
      slot: `${isMainThread ? 'processes' : 'threads'}-${process.env['VITEST_POOL_ID'] ?? '0'}`,
      worker: `${process.pid}.${threadId}`,
    }
    const frontDesk = await openChannel<FrontDeskCommands>(port)
    try {
      const lease = await frontDesk.rpc.call('checkIn', request)
      return new DatabaseLease(lease, request, frontDesk)
    } catch (error) {
      frontDesk.socket.destroy()
      throw error
    }
  }

  /** Puts the database back to its baseline, whatever it is busy with. */
  async reset(test: string): Promise<void> {
    const impatience = setInterval(() => {
      this.#frontDesk.rpc.call('unblock', this.#request).catch(() => {})
    }, PATIENCE)
    try {
      await this.#ask((rpc) => rpc.call('reset', test))
    } finally {
      clearInterval(impatience)
    }
  }

  /** Rolls back the transactions that the test left open, and names them. */
  async leaks(): Promise<readonly Stray[]> {
    return await this.#ask((rpc) => rpc.call('leaks', undefined))
  }

  /** Counts what clients have run on the database. */
  async traffic(): Promise<number> {
    return await this.#ask((rpc) => rpc.call('traffic', undefined))
  }

  /** Gives the database back. */
  release(): void {
    process.off('disconnect', exit)
    this.#control?.then(
      ({ socket }) => socket.destroy(),
      () => {},
    )
    this.#frontDesk.socket.destroy()
  }

  async #ask<T>(question: (rpc: Rpc<ControlCommands>) => Promise<T>): Promise<T> {
    this.#control ??= openChannel<ControlCommands>(this.#port, CONTROL_REQUEST)
    const { socket, rpc } = await this.#control
    try {
      return await question(rpc)
    } catch (error) {
      if (!socket.destroyed) throw error
      // The database broke down. The front desk knows when another one has taken its place.
      await this.#frontDesk.rpc.call('checkIn', this.#request)
      this.#control = openChannel<ControlCommands>(this.#port, CONTROL_REQUEST)
      return await question((await this.#control).rpc)
    }
  }
}

/** The main process was killed, and the databases with it: Vitest would let the test go on alone. */
function exit(): void {
  process.exit(1)
}

async function openChannel<Remote extends Handlers>(
  port: number,
  greeting?: Buffer,
): Promise<Channel<Remote>> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  if (greeting) socket.write(greeting)
  return { socket, rpc: rpcOverSocket<Remote>(socket, {}) }
}

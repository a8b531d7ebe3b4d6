import { randomUUID } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'

import type { FailedTest } from '../testing/failed/kept-database.ts'
import { rpcOverSocket } from '../testing/host/json-lines.ts'
import { type Address, isSocket } from '../testing/server/address.ts'
import { listenAnywhere } from '../testing/server/listen.ts'
import { removeSocketFolder } from '../testing/server/socket-folder.ts'
import type { ProjectDatabases } from './project-databases.ts'
import type { CheckIn, Lease, WorkerCommands } from './protocol.ts'

/** Where test workers ask for their database: a port of the Vitest main process. */
export class FrontDesk {
  readonly token: string = randomUUID()
  readonly #server: Server
  readonly #projects: ProjectDatabases[] = []
  readonly #onInputs: (paths: readonly string[]) => void
  #address: Promise<Address> | undefined

  /** @param onInputs - Told what test files depend on besides what they import. */
  constructor(onInputs: (paths: readonly string[]) => void) {
    this.#onInputs = onInputs
    this.#server = createServer((socket) => this.#accept(socket))
    this.#server.unref()
  }

  listen(): Promise<Address> {
    this.#address ??= listenAnywhere(this.#server, 'tcp')
    return this.#address
  }

  /** Registers a project and returns its number. */
  add(project: ProjectDatabases): number {
    return this.#projects.push(project) - 1
  }

  async close(): Promise<void> {
    this.#server.close()
    await Promise.all(this.#projects.map((project) => project.close()))
    const address = await this.#address?.catch(() => undefined)
    if (address && isSocket(address)) removeSocketFolder(address.host)
  }

  #accept(socket: Socket): void {
    // Must not keep the main process alive after the run.
    socket.unref()
    // A worker holds its database as long as this connection is open, or until its next file.
    const guests = new Set<() => void>()
    socket.once('close', () => {
      for (const release of guests) release()
    })
    const rpc = rpcOverSocket<WorkerCommands>(socket, {
      control: (request: CheckIn) => this.#project(request).control(request.worker),
      // Sockets that can be read are read, and what they bring is written, before the next round of this thread.
      settle: () => new Promise<void>((resolve) => setImmediate(resolve)),
      keep: ({ name, error, ...request }: CheckIn & FailedTest) =>
        this.#project(request).keep(request.worker, { name, error }),
      discard: ({ name, ...request }: CheckIn & { name: string }) =>
        this.#project(request).discard(name),
      unblock: (request: CheckIn) => this.#project(request).unblock(request.worker),
      watch: (request: CheckIn & { paths: readonly string[] }) => {
        this.#project(request)
        this.#onInputs(request.paths)
      },
      begin: (request: CheckIn & { test: string }) =>
        this.#project(request).begin(request.worker, request.test),
      setModes: (request: CheckIn) =>
        this.#project(request).setModes(request.worker, request.modes),
      checkIn: async (request: CheckIn): Promise<Lease> => {
        const project = this.#project(request)
        const started = (): void => void rpc.call('started', undefined).catch(() => {})
        const { lease, release } = await project.checkIn(request, started)
        if (socket.destroyed) release()
        else guests.add(release)
        return lease
      },
    })
  }

  #project({ project: number, token }: CheckIn): ProjectDatabases {
    const project = this.#projects[number]
    if (token !== this.token || !project) throw new Error('not from this run')
    return project
  }
}

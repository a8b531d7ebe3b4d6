import { randomUUID } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'

import { rpcOverSocket } from '../testing/host/json-lines.ts'
import type { ProjectDatabases } from './project-databases.ts'
import type { CheckIn, Lease } from './protocol.ts'

/** Where test workers ask for their database: a port of the Vitest main process. */
export class FrontDesk {
  readonly token: string = randomUUID()
  readonly #server: Server
  readonly #projects: ProjectDatabases[] = []
  #listening: Promise<number> | undefined

  constructor() {
    this.#server = createServer((socket) => this.#accept(socket))
    this.#server.unref()
  }

  listen(): Promise<number> {
    this.#listening ??= new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(0, '127.0.0.1', () => {
        const address = this.#server.address()
        resolve(typeof address === 'object' && address ? address.port : 0)
      })
    })
    return this.#listening
  }

  /** Registers a project and returns its number. */
  add(project: ProjectDatabases): number {
    return this.#projects.push(project) - 1
  }

  async close(): Promise<void> {
    this.#server.close()
    await Promise.all(this.#projects.map((project) => project.close()))
  }

  #accept(socket: Socket): void {
    // Must not keep the main process alive after the run.
    socket.unref()
    // A worker holds its database as long as this connection is open, or until its next file.
    const guests = new Set<() => void>()
    socket.once('close', () => {
      for (const release of guests) release()
    })
    rpcOverSocket(socket, {
      unblock: (request: CheckIn) => this.#project(request).unblock(request.worker),
      checkIn: async (request: CheckIn): Promise<Lease> => {
        const project = this.#project(request)
        const { lease, release } = await project.checkIn(request.slot, request.worker)
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

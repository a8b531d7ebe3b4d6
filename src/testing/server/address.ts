import { unlinkSync } from 'node:fs'
import { connect, type Server, type Socket } from 'node:net'

import { TestDatabaseError } from '../../errors.ts'
import { createSocketFolder, socketPath } from './socket-folder.ts'

/** Where a server of this machine listens. A host that begins with a slash is the folder of a Unix socket. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** How clients reach a server: by TCP on the loopback interface, or by a Unix socket. */
export type Transport = 'tcp' | 'socket'

// Part of the name of a Unix socket.
const SOCKET_PORT = 5432

/** PostgreSQL's default port is as good as any other: each socket has a folder of its own. */
const LOOPBACK = ['127.0.0.1', '::1']

export function isSocket({ host }: Address): boolean {
  return host.startsWith('/')
}

/**
 * Listens where a client of this machine can connect. Where TCP is not allowed, or there is no IPv4, it is
 * IPv6, then a Unix socket, in a folder that nobody else can enter: whoever closes the server removes it.
 *
 * @param hosts - Tried in this order; given for tests.
 * @throws {TestDatabaseError} `TEST_DATABASE_FAILED` when there is no way.
 */
export async function listenAnywhere(
  server: Server,
  transport: Transport,
  hosts: readonly string[] = LOOPBACK,
): Promise<Address> {
  const failures: string[] = []
  for (const host of transport === 'tcp' ? hosts : []) {
    try {
      return await listenAt(server, { host, port: 0 })
    } catch (error) {
      failures.push((error as Error).message)
    }
  }
  const folder = createSocketFolder(SOCKET_PORT)
  if (folder !== undefined) return await listenAt(server, { host: folder, port: SOCKET_PORT })
  throw new TestDatabaseError('TEST_DATABASE_FAILED', {
    what: 'the test database cannot listen for clients',
    why:
      failures.join('; ') ||
      'Windows has no Unix sockets, or the path of the temporary folder is too long for one',
    fix: 'allow connections to 127.0.0.1, or set TMPDIR to a folder with a short path',
  })
}

/** Listens at an address, a free port for 0, and returns where it is. */
export async function listenAt(server: Server, address: Address): Promise<Address> {
  const { host, port } = address
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    const listening = (): void => {
      server.off('error', reject)
      resolve()
    }
    if (isSocket(address)) {
      const path = socketPath(host, port)
      removeFile(path)
      server.listen(path, listening)
    } else server.listen(port, host, listening)
  })
  const actual = server.address()
  return { host, port: typeof actual === 'object' && actual ? actual.port : port }
}

/** Opens a connection. `allowHalfOpen`: it is for its owner to end it when the other side has. */
export function connectTo(address: Address, allowHalfOpen = false): Socket {
  const { host, port } = address
  return isSocket(address)
    ? connect({ path: socketPath(host, port), allowHalfOpen })
    : connect({ host, port, noDelay: true, allowHalfOpen })
}

/** What clients take one by one. */
export interface ConnectionParameters extends Address {
  readonly user: string
  readonly password: string
  readonly database: string
}

export function connectionParameters({ host, port }: Address): ConnectionParameters {
  return { host, port, user: 'postgres', password: 'postgres', database: 'postgres' }
}

/** The same as a connection string. */
export function databaseUrl(address: Address): string {
  const { host, port, user, password, database } = connectionParameters(address)
  // As a parameter (`?host=`) a client that overlooks it would connect to whatever listens on localhost.
  const name = isSocket(address)
    ? encodeURIComponent(host)
    : host.includes(':')
      ? `[${host}]`
      : host
  return `postgres://${user}:${password}@${name}:${port}/${database}`
}

/**
 * The variables that clients fall back to: for a Unix socket, whose URL not all of them read. Undefined where
 * the URL is enough.
 */
export function connectionVariables(address: Address): Record<string, string> | undefined {
  if (!isSocket(address)) return undefined
  const { host, port, user, password, database } = connectionParameters(address)
  return {
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    PGPASSWORD: password,
    PGDATABASE: database,
  }
}

/** Left by a server that was killed: nobody listens there. */
function removeFile(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // It is not there.
  }
}

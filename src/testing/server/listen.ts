import { unlinkSync } from 'node:fs'
import type { Server } from 'node:net'

import { TestDatabaseError } from '../../errors.ts'
import { type Address, isSocket, socketPath, type Transport } from './address.ts'
import { createSocketFolder, removeAtExit } from './socket-folder.ts'

// Part of the name of a Unix socket.
const SOCKET_PORT = 5432

/** PostgreSQL's default port is as good as any other: each socket has a folder of its own. */
const LOOPBACK = ['127.0.0.1', '::1']

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
  if (folder !== undefined) {
    removeAtExit(folder)
    return await listenAt(server, { host: folder, port: SOCKET_PORT })
  }
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
      const path = socketPath(address)
      removeFile(path)
      server.listen(path, listening)
    } else server.listen(port, host, listening)
  })
  const actual = server.address()
  return { host, port: typeof actual === 'object' && actual ? actual.port : port }
}

/** Left by a server that was killed: nobody listens there. */
function removeFile(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // It is not there.
  }
}

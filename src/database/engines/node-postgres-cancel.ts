import type { EventEmitter } from 'node:events'

import { Connection as PgConnection } from 'pg'
import type { ConnectionConfig } from 'pg'

import type { Client } from './node-postgres-client.ts'

/** The connection below a Client; its methods are missing in the declarations of `pg`. */
interface CancelConnection extends EventEmitter {
  connect(portOrPath: number | string, host?: string): void
  requestSsl(): void
  cancel(processId: number, secretKey: number): void
}

/**
 * Asks the server to cancel what a client runs. The request travels on a connection of its own and
 * is never answered: the statement fails with SQLSTATE 57014, or has just finished.
 */
export async function cancelStatement(client: Client): Promise<void> {
  const { processID, secretKey, host = 'localhost', port = 5432, ssl = false } = client
  // Some poolers hand out no key, so there is nothing to cancel with.
  if (!processID || secretKey === undefined || secretKey === null) return
  const sslNegotiation = client.sslNegotiation ?? 'postgres'
  const config = { ssl, sslNegotiation } as ConnectionConfig
  const connection = new PgConnection(config) as unknown as CancelConnection
  const cancel = (): void => connection.cancel(processID, secretKey)
  connection.once('connect', () => {
    if (!ssl) cancel()
    // With direct negotiation TLS begins by itself.
    else if (sslNegotiation === 'postgres') connection.requestSsl()
  })
  connection.once('sslconnect', cancel)
  const ended = new Promise<unknown>((resolve) => connection.once('end', resolve))
  // A server that cannot be reached has nothing left to cancel.
  connection.on('error', () => undefined)
  if (host.startsWith('/')) connection.connect(`${host}/.s.PGSQL.${port}`)
  else connection.connect(port, host)
  await ended
}

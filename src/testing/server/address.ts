import { connect, type Socket } from 'node:net'
import { join } from 'node:path'

/** Where a server of this machine listens. A host that begins with a slash is the folder of a Unix socket. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** How clients reach a server: by TCP on the loopback interface, or by a Unix socket. */
export type Transport = 'tcp' | 'socket'

export function isSocket({ host }: Address): boolean {
  return host.startsWith('/')
}

/** Where clients look for the socket of a server on this port. */
export function socketPath({ host, port }: Address): string {
  return join(host, `.s.PGSQL.${port}`)
}

/** Opens a connection. `allowHalfOpen`: it is for its owner to end it when the other side has. */
export function connectTo(address: Address, allowHalfOpen = false): Socket {
  const { host, port } = address
  return isSocket(address)
    ? connect({ path: socketPath(address), allowHalfOpen })
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

import type { ConnectionOptions } from 'node:tls'

import type { ClientConfig } from 'pg'

// The parts of `pg` that the engine uses. Clients may come from another copy of `pg` than ours, so
// nothing is checked with instanceof.

/** What a simple query, or one of several in a message, has returned. */
export interface ClientResult {
  readonly rows: unknown[]
  readonly rowCount: number | null
  readonly command: string | null
}

export interface ClientQuery {
  readonly text: string
  readonly values?: readonly (string | null)[]
  readonly queryMode?: 'extended'
  readonly types: { getTypeParser(oid: number): (text: string) => unknown }
}

/** Something that speaks the protocol itself. */
export interface Submittable {
  submit(connection: ClientConnection): void
}

export interface ClientConnection {
  query(text: string): void
  sendCopyFail(message: string): void
}

/** A Client of `pg`. */
export interface Client {
  readonly processID?: number | null
  readonly secretKey?: number | null
  readonly host?: string
  readonly port?: number
  readonly database?: string
  readonly user?: string
  readonly ssl?: boolean | ConnectionOptions
  readonly sslNegotiation?: 'postgres' | 'direct'
  /** Set while `connect()` is under way, and afterwards. */
  readonly _connecting?: boolean
  readonly _connected?: boolean
  connect(): Promise<unknown>
  query(query: ClientQuery): Promise<ClientResult | ClientResult[]>
  query(query: Submittable): unknown
  getTransactionStatus?(): string | null
  on(event: 'error', listener: (error: Error) => void): unknown
  once(event: 'drain' | 'end', listener: () => void): unknown
  removeListener(event: string, listener: (...args: never[]) => void): unknown
}

/** A Client that a Pool has lent out. */
export interface PoolClient extends Client {
  release(destroy?: boolean): void
}

export interface Pool {
  readonly options?: ClientConfig & { readonly max?: number }
  connect(): Promise<PoolClient>
  end(): Promise<void>
}

import { Client } from 'pg'

import { type Address, type ConnectionParameters, databaseUrl } from '../server/address.ts'

/** The URL of another database of the same server. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${encodeURIComponent(database)}`
  return changed.href
}

/** What a URL says, and the `PG…` variables where it says nothing. */
export function parametersOf(url: string): ConnectionParameters {
  const client = new Client({ connectionString: url })
  const { host, port, user = '', database = user, password } = client
  return { host, port, user, database, password: password ?? '' }
}

/**
 * The URL by which clients find a server through an address of this machine; undefined when they would not accept
 * that in place of the server, as its certificate names another.
 */
export function throughAddress(
  url: string,
  address: Address,
  database: string,
): string | undefined {
  const asked = new URL(url).searchParams
  const mode = asked.get('sslmode') ?? process.env['PGSSLMODE'] ?? 'disable'
  if (mode !== 'disable' || asked.has('ssl')) return undefined
  const { user, password } = parametersOf(url)
  const through = new URL(databaseUrl(address))
  through.username = encodeURIComponent(user)
  through.password = encodeURIComponent(password)
  through.pathname = `/${encodeURIComponent(database)}`
  for (const [name, value] of asked) {
    if (!['host', 'hostaddr', 'port'].includes(name)) through.searchParams.set(name, value)
  }
  return through.href
}

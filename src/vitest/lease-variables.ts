import {
  type Address,
  connectionParameters,
  connectionVariables,
  databaseUrl,
} from '../testing/server/address.ts'

type Environment = Readonly<Record<string, string | undefined>>

const PLACE = ['PGHOST', 'PGHOSTADDR', 'PGPORT', 'PGUSER', 'PGPASSWORD', 'PGDATABASE', 'PGSERVICE']

/**
 * What clients find a database by. Where the `PG…` variables lead somewhere already, they must lead here: a client
 * that is given no URL goes by them.
 */
export function leaseVariables(
  { address, url }: { readonly address: Address; readonly url?: string },
  env: Environment,
): Record<string, string> {
  const variables = { DATABASE_URL: url ?? databaseUrl(address) }
  const needed = url === undefined ? connectionVariables(address) : undefined
  if (needed) return { ...variables, ...needed }
  if (PLACE.every((name) => (env[name] ?? '') === '')) return variables
  return { ...variables, ...(url === undefined ? ofAddress(address) : ofUrl(url)) }
}

/** Puts them in the place of what leads elsewhere. */
export function setVariables(variables: Readonly<Record<string, string>>): void {
  Object.assign(process.env, variables)
  if (variables['PGHOST'] === undefined) return
  // Clients prefer these to a host.
  delete process.env['PGHOSTADDR']
  delete process.env['PGSERVICE']
}

function ofAddress(address: Address): Record<string, string> {
  const { host, port, user, password, database } = connectionParameters(address)
  return variablesOf(host, String(port), user, password, database)
}

/** What the URL leaves out came from the variables. */
function ofUrl(url: string): Record<string, string> {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url)
  const host = searchParams.get('host') ?? decodeURIComponent(hostname).replace(/^\[(.*)\]$/, '$1')
  const all = variablesOf(
    host,
    searchParams.get('port') ?? (port || (host === '' ? '' : '5432')),
    decodeURIComponent(username),
    decodeURIComponent(password),
    decodeURIComponent(pathname.slice(1)),
  )
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''))
}

function variablesOf(
  PGHOST: string,
  PGPORT: string,
  PGUSER: string,
  PGPASSWORD: string,
  PGDATABASE: string,
): Record<string, string> {
  return { PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE }
}

/** Where a connection leads, as far as it can be told without opening it. */
export interface ServerPlace {
  /** Lower-case; a path for a Unix socket. Empty when nothing says it, which means this machine. */
  readonly hosts: readonly string[]
  readonly database: string
  readonly user: string
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads a database URL, also those that `URL` does not take: several hosts, or libpq's `host=… dbname=…`. What it
 * leaves out comes from the `PG…` variables. Undefined for a text that is nothing of the kind, or no server.
 */
export function placeOfUrl(text: string, env: Environment): ServerPlace | undefined {
  const url = text.trim()
  const parts =
    /^postgres(?:ql)?:\/\/(?:(?<login>[^/?#]*)@)?(?<hosts>[^/?#@]*)(?:\/(?<database>[^?#]*))?(?:\?(?<query>[^#]*))?/i.exec(
      url,
    )?.groups
  if (!parts)
    return /(?:^|\s)(?:host|hostaddr|dbname)\s*=/.test(url) ? ofKeywords(url, env) : undefined
  const query = new URLSearchParams(parts['query'])
  const [user = ''] = (parts['login'] ?? '').split(':')
  const named = [
    ...(parts['hosts'] ?? '').split(','),
    ...query.getAll('host').flatMap((host) => host.split(',')),
    ...query.getAll('hostaddr'),
  ]
  return place(
    named.map((host) => decode(host).replace(/^(\[[^\]]*\]|[^:]*)(?::\d+)?$/, '$1')),
    decode(parts['database'] ?? '') || query.get('dbname'),
    decode(user) || query.get('user'),
    env,
  )
}

/** Where the `PG…` variables lead; undefined when they say nothing of it. */
export function placeOfVariables(env: Environment): ServerPlace | undefined {
  const { PGHOST = '', PGHOSTADDR = '', PGDATABASE = '' } = env
  if (PGHOST === '' && PGHOSTADDR === '' && PGDATABASE === '') return undefined
  return place([], undefined, undefined, env)
}

/** Without a password: for messages. */
export function describePlace({ hosts, database }: ServerPlace): string {
  const host = hosts.join(', ')
  if (host === '') return `the database "${database}" of this machine`
  return database === '' ? `"${host}"` : `the database "${database}" on "${host}"`
}

function ofKeywords(text: string, env: Environment): ServerPlace {
  const value = (name: string): string => {
    const match = new RegExp(String.raw`(?:^|\s)${name}\s*=\s*(?:'([^']*)'|(\S+))`).exec(text)
    return match?.[1] ?? match?.[2] ?? ''
  }
  const hosts = [value('host'), value('hostaddr')].flatMap((list) => list.split(','))
  return place(hosts, value('dbname'), value('user'), env)
}

function place(
  hosts: readonly string[],
  database: string | null | undefined,
  user: string | null | undefined,
  env: Environment,
): ServerPlace {
  const given = hosts.filter((host) => host !== '')
  const fallback = [env['PGHOST'], env['PGHOSTADDR']].flatMap((list) => (list ?? '').split(','))
  const all = given.length > 0 ? given : fallback.filter((host) => host !== '')
  const name = user || env['PGUSER'] || ''
  return {
    hosts: all.map((host) =>
      host
        .toLowerCase()
        .replace(/^\[(.*)\]$/, '$1')
        .replace(/\.$/, ''),
    ),
    database: database || env['PGDATABASE'] || '',
    user: name,
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

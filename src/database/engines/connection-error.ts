import { ConfigError } from '../../errors.ts'
import { messageOf, sqlStateOf } from './driver-error.ts'

interface Explanation {
  readonly why: string
  readonly fix: string
}

/** What the driver was told, as far as it may be shown. */
export interface ConnectionFacts {
  readonly label: string
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
}

/** The house's report of a connection that could not be made. Never contains the password. */
export function connectionFailed(error: unknown, facts: ConnectionFacts): ConfigError {
  const { code, message } = read(error)
  const isSqlState = sqlStateOf({ code }) !== undefined
  const { why, fix } = explain(code, message, facts)
  return new ConfigError('CONNECTION_FAILED', {
    what: `cannot connect to ${facts.label}`,
    why: isSqlState ? `${why} (SQLSTATE ${code})` : why,
    fix,
    details: {
      host: facts.host,
      port: facts.port,
      user: facts.user,
      database: facts.database,
      ...(code !== undefined && { [isSqlState ? 'sqlState' : 'systemCode']: code }),
    },
    cause: error,
  })
}

function explain(code: string | undefined, message: string, facts: ConnectionFacts): Explanation {
  const { host, port, user, database } = facts
  const at = host.startsWith('/') ? `${host}/.s.PGSQL.${port}` : `${host}:${port}`
  switch (code) {
    case 'ECONNREFUSED':
    case 'ENOENT':
      return {
        why: `no PostgreSQL server is listening at ${at}`,
        fix: `start the server, or correct host and port in DATABASE_URL; without a server: DATABASE_URL=pglite:./.data/dev`,
      }
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        why: `the host name "${host}" is not known`,
        fix: 'correct the host in DATABASE_URL',
      }
    case '28P01':
      return { why: message, fix: `correct user and password of "${user}" in DATABASE_URL` }
    case '3D000':
      return {
        why: message,
        fix: `createdb --host=${host} --port=${port} --username=${user} ${database}`,
      }
    case '28000':
      return /no encryption/.test(message)
        ? { why: message, fix: 'add ?sslmode=require to DATABASE_URL: the server wants TLS' }
        : { why: message, fix: 'correct the user in DATABASE_URL, or let it in in pg_hba.conf' }
    case '53300':
      return {
        why: message,
        fix: 'close other connections, or raise max_connections of the server',
      }
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return {
        why: `the certificate of the server is not trusted: ${message}`,
        fix: 'add ?sslrootcert=/path/to/ca.pem to DATABASE_URL (or sslmode=no-verify, which trusts everybody)',
      }
    case undefined:
    default:
      return explainMessage(message, at)
  }
}

function explainMessage(message: string, at: string): Explanation {
  if (message.includes('does not support SSL')) {
    return { why: 'the server does not speak TLS', fix: 'add ?sslmode=disable to DATABASE_URL' }
  }
  if (message.includes('password must be a')) {
    return {
      why: 'the server asks for a password and DATABASE_URL has none',
      fix: 'write it into DATABASE_URL, postgres://user:password@host/name, or set PGPASSWORD',
    }
  }
  if (message.includes('timeout') || message.includes('ETIMEDOUT')) {
    return { why: `no answer from ${at}: ${message}`, fix: 'check host, port and firewall' }
  }
  return { why: message, fix: 'correct DATABASE_URL, or look into the log of the server' }
}

function read(error: unknown): { code: string | undefined; message: string } {
  // Node tries every address of a name and reports all that failed.
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error
  const code = (inner as { code?: unknown } | undefined)?.code
  return {
    code: typeof code === 'string' ? code : undefined,
    message: messageOf(inner),
  }
}

import { readFileSync } from 'node:fs'

import { ConfigError } from '../../errors.ts'

/** The account a server runs under. */
export interface ServerUser {
  readonly uid: number
  readonly gid: number
}

/**
 * PostgreSQL refuses to run as root, so root lends it to `postgres` or `nobody`. Undefined for everybody else:
 * the server then runs as the user who started it.
 *
 * @throws {ConfigError} `NO_POSTGRES` when there is no such account.
 */
export function serverUser(): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  for (const name of ['postgres', 'nobody']) {
    const account = accounts.find(([account]) => account === name)
    if (account) return { uid: Number(account[2]), gid: Number(account[3]) }
  }
  // `initdb` looks its user up by number, so it must be one that has a name.
  throw new ConfigError('NO_POSTGRES', {
    what: 'a private PostgreSQL cannot be started',
    why: 'PostgreSQL refuses to run as root, and there is no account "postgres" or "nobody" to run it under',
    fix: "create one (useradd --system postgres), or use engine: 'pglite'",
  })
}

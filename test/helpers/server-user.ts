import { readFileSync } from 'node:fs'

/** The account a server runs under. */
export interface ServerUser {
  readonly uid: number
  readonly gid: number
}

/**
 * PostgreSQL refuses to run as root, so root lends it to `postgres` or `nobody`. Undefined for
 * everybody else: the server then runs as the user who started it.
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
  // initdb looks its user up by number, so it must be one that has a name.
  throw new Error('running as root needs an account "postgres" or "nobody" for the test server')
}

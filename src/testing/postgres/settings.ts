import type { Binaries } from './binaries.ts'

/** How the empty cluster of a version is made. */
export function initdbOptions({ version }: Binaries): string[] {
  const major = Number.parseInt(version, 10)
  return [
    '--username=postgres',
    '--encoding=UTF8',
    '--locale=C',
    ...(major >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : []),
    // Only who may enter the folder of the socket gets in without a password.
    '--auth-local=trust',
    '--auth-host=scram-sha-256',
    '--no-sync',
    // 28 MB instead of 39, which is copied for each server.
    '--wal-segsize=1',
    ...(major >= 18 ? ['--no-data-checksums'] : []),
  ]
}

export interface ServerSettings {
  readonly port: number
  readonly socketFolder: string
  readonly maxConnections: number
}

/** What a private server runs with: nothing in it is to survive. */
export function serverSettings(
  { version }: Binaries,
  { port, socketFolder, maxConnections }: ServerSettings,
): string[] {
  const major = Number.parseInt(version, 10)
  const settings: Record<string, string | number> = {
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    shared_buffers: '16MB',
    wal_level: 'minimal',
    max_wal_senders: 0,
    autovacuum: 'off',
    jit: 'off',
    timezone: 'UTC',
    max_connections: maxConnections,
    // One transaction may touch a thousand tables with their indexes.
    max_locks_per_transaction: 256,
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: socketFolder,
    unix_socket_permissions: '0700',
    // What parallel workers share is among its files, and goes with them, whatever ends the server.
    dynamic_shared_memory_type: 'mmap',
    // After a crash unlogged tables are empty, those of templates as well: rather another server.
    restart_after_crash: 'off',
    // The password is long and random: guessing it need not be made slow, as connecting would be.
    ...(major >= 16 && { scram_iterations: 1 }),
    ...(major >= 18 && { io_method: 'sync' }),
  }
  return Object.entries(settings).map(([name, value]) => `--${name}=${value}`)
}

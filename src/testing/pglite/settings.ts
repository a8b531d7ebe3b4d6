// Files of the log that were written are of no use: each would be a megabyte of every snapshot.
const NO_OLD_LOG = ['wal_recycle=off', 'min_wal_size=2MB']

// A test database serves one session, lives in memory and is thrown away: what PostgreSQL allocates
// for many sessions and for safety is boot time and memory here.
export const SETTINGS: readonly string[] = [
  'shared_buffers=2MB',
  'wal_buffers=64kB',
  'max_connections=4',
  'max_wal_senders=0',
  'max_replication_slots=0',
  'autovacuum_worker_slots=1',
  'io_max_concurrency=1',
  'wal_level=minimal',
  ...NO_OLD_LOG,
  // PostgreSQL's own default instead of PGlite's.
  'search_path="$user", public',
]

/** PGlite's own start parameters with those of a test database. */
export function startParameters(defaults: readonly string[]): string[] {
  return [...defaults, ...SETTINGS.flatMap((setting) => ['-c', setting])]
}

/** For `initdb`: small WAL files, as each new database carries one. */
export const INITDB_PARAMETERS: readonly string[] = [
  '--wal-segsize=1',
  ...NO_OLD_LOG.flatMap((setting) => ['-c', setting]),
]

import { noDatabaseUrl } from '../database/database-url.ts'
import type { MigrationEvent } from '../migration/events.ts'
import { Migrator } from '../migration/migrator.ts'
import type { Io } from './io.ts'

/** What every command understands. */
export interface CommonOptions {
  readonly json?: boolean
}

/** What the commands that talk to a database understand. */
export interface DatabaseOptions extends CommonOptions {
  readonly url?: string
  readonly folder?: string
}

/** The address of the database: the option, or the environment. */
export function databaseUrl(io: Io, options: DatabaseOptions): string {
  const url = options.url ?? io.env['DATABASE_URL']
  if (url === undefined || url.trim() === '') throw noDatabaseUrl()
  return url
}

/** Gives work a migrator and closes it. */
export async function withMigrator<T>(
  io: Io,
  options: DatabaseOptions,
  work: (migrator: Migrator) => Promise<T>,
  onEvent?: (event: MigrationEvent) => void,
): Promise<T> {
  const url = databaseUrl(io, options)
  const migrator = new Migrator({ url, folder: options.folder, onEvent })
  try {
    return await work(migrator)
  } finally {
    await migrator.close()
  }
}

/**
 * Gives work a signal that Ctrl-C aborts. The second Ctrl-C ends the process as if there were no
 * handler: the server then rolls back by itself.
 */
export async function interruptible<T>(
  io: Io,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  const stop = (signal: NodeJS.Signals): void => {
    release()
    io.stderr(`${signal}: rolling back\n`)
    controller.abort(signal)
  }
  const release = (): void => {
    io.signals.off('SIGINT', stop)
    io.signals.off('SIGTERM', stop)
  }
  io.signals.on('SIGINT', stop)
  io.signals.on('SIGTERM', stop)
  try {
    return await work(controller.signal)
  } finally {
    release()
  }
}

import { ConfigError } from '../../errors.ts'
import type { MigrationFile } from '../../migration/source.ts'
import type { SnapshotKeys } from '../cache/snapshot-keys.ts'
import type { KeptPlace } from '../failed/kept-database.ts'
import type { Made, SnapshotEvents, SnapshotSource } from '../host/baseline-store.ts'
import type { Address } from '../server/address.ts'
import { assertConnections, type ConnectionNeeds } from './connection-budget.ts'
import { ServerRun } from './server-run.ts'
import { type ServedBaseline, ServerStore } from './server-store.ts'
import { throughAddress, withDatabase } from './server-url.ts'

export interface UrlStoreOptions {
  readonly url: string
  /** The database that all runs on the server share for their locks; `postgres` unless given. */
  readonly maintenanceDatabase?: string | undefined
  readonly needs: ConnectionNeeds
}

/** Baselines on a server that somebody runs. */
export class UrlStore extends ServerStore {
  readonly #options: UrlStoreOptions
  #run: Promise<ServerRun> | undefined
  #version = ''

  constructor(source: SnapshotSource, events: SnapshotEvents, options: UrlStoreOptions) {
    super(source, events)
    this.#options = options
  }

  override get label(): string {
    return `PostgreSQL ${this.#version}`.trim()
  }

  override throughAddress(address: Address, database: string): string | undefined {
    return throughAddress(this.#options.url, address, database)
  }

  override keptPlace({ url }: ServedBaseline, database: string): KeptPlace {
    return { kind: 'url', url: url(database) }
  }

  override async close(): Promise<void> {
    const run = this.#run
    this.#run = undefined
    // One that could not be opened has nothing to close.
    await (await run?.catch(() => undefined))?.close()
  }

  /** The server is not asked before somebody connects. */
  override async isAtHand(): Promise<boolean> {
    return this.origin !== undefined
  }

  protected override async engineVersion(): Promise<string> {
    const { facts } = await this.#open()
    // What one role has made another cannot reset.
    return `postgres ${facts.version} ${facts.role}`
  }

  protected override async isKept({ baseline }: SnapshotKeys): Promise<boolean> {
    return baseline !== undefined && (await (await this.#open()).templates.has(baseline))
  }

  protected override async make(
    files: readonly MigrationFile[],
    keys: SnapshotKeys,
  ): Promise<Made<ServedBaseline>> {
    const url = (database: string): string => withDatabase(this.#options.url, database)
    return await this.serve(await this.#open(), url, files, keys)
  }

  #open(): Promise<ServerRun> {
    this.#run ??= this.#connect()
    return this.#run
  }

  async #connect(): Promise<ServerRun> {
    const { url, maintenanceDatabase, needs } = this.#options
    const run = await ServerRun.open(withDatabase(url, maintenanceDatabase ?? 'postgres')).catch(
      async (error: unknown) => {
        if (maintenanceDatabase !== undefined || !isDatabaseMissing(error)) throw error
        // The database that was named must do.
        return await ServerRun.open(url)
      },
    )
    this.#version = run.facts.version
    try {
      assertConnections(run.facts, needs)
      return run
    } catch (error) {
      await run.close()
      throw error
    }
  }
}

/** There is no such database, or none that this role may enter. */
function isDatabaseMissing(error: unknown): boolean {
  if (!(error instanceof ConfigError)) return false
  return ['3D000', '42501', '28000'].includes(String(error.details['sqlState']))
}

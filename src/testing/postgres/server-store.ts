import type { MigrationFile } from '../../migration/source.ts'
import { baselineKey, type SnapshotKeys } from '../cache/snapshot-keys.ts'
import type { KeptPlace } from '../failed/kept-database.ts'
import { BaselineStore, type Made } from '../host/baseline-store.ts'
import { runInThread } from '../host/run-in-thread.ts'
import type { Address } from '../server/address.ts'
import type { TemplateJob } from './build-template.ts'
import type { ServerRun } from './server-run.ts'
import type { Template } from './templates.ts'

/** A server with the template of a baseline on it. */
export interface ServedBaseline {
  readonly run: ServerRun
  readonly template: Template
  /** Where clients find a database. */
  readonly url: (database: string) => string
  /** The same by a Unix socket, where there is one. */
  readonly socketUrl?: (database: string) => string
  /** Resolves when the server has ended by itself, to what is known of the reason. */
  readonly ended?: Promise<string>
}

/** Baselines on a server: templates, of which each slot gets a clone. */
export abstract class ServerStore extends BaselineStore<ServedBaseline> {
  /** The engine, for people; its version is known when somebody has asked for a baseline. */
  abstract readonly label: string

  /** The URL of a database behind an address of this machine; undefined where clients cannot be led through. */
  abstract throughAddress(address: Address, database: string): string | undefined

  /** Where the kept database of a failed test is found. A store that drops its server keeps that as long. */
  abstract keptPlace(baseline: ServedBaseline, database: string): KeptPlace

  /** Drops what was made. The next one who asks gets a new one. */
  abstract close(): Promise<void>

  /** Finds or builds the template on an open server. */
  protected async serve(
    run: ServerRun,
    url: (database: string) => string,
    files: readonly MigrationFile[],
    keys: SnapshotKeys,
  ): Promise<Made<ServedBaseline>> {
    const bases = this.source.cache ? baseKeys(keys) : []
    const { seeds } = this.source
    const template = await run.templates.take({
      key: this.source.cache ? keys.baseline : undefined,
      bases,
      build: (database) =>
        runInThread<undefined>(new URL('./template-thread.js', import.meta.url), {
          url: url(database),
          files,
          seeds,
        } satisfies TemplateJob),
    })
    const { built } = template
    // The first base is the one with the most migrations.
    const applied = built?.base === undefined ? 0 : bases.length - built.base
    const migrations = built && files.length - applied
    return { value: { run, template, url }, migrations }
  }
}

/** Keys of baselines with fewer migrations, and no seeds: the one with most of them first. */
export function baseKeys({ layers, baseline }: SnapshotKeys): string[] {
  const keys = layers.slice(1).map(baselineKey)
  return keys.filter((key) => key !== baseline).toReversed()
}

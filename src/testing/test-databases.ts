import { chooseEngine, type EngineOptions } from './choose-engine.ts'
import type { SnapshotEvents, SnapshotOrigin, SnapshotSource } from './host/baseline-store.ts'
import type { SlotDatabase } from './host/slot-database.ts'
import { SnapshotStore } from './host/snapshot-store.ts'
import { TestHost, type TestHostOptions } from './host/test-host.ts'
import { sharedEngineParts } from './pglite/engine-parts.ts'
import type { PostgresHostOptions } from './postgres/postgres-host-options.ts'
import { assertNoProduction } from './safety/assert-safe.ts'

export interface TestDatabasesOptions {
  readonly source: SnapshotSource
  readonly events?: SnapshotEvents
  readonly engine: EngineOptions
  /** How many databases are in use at a time, at most. */
  readonly workers: number
  readonly host: Omit<TestHostOptions, 'snapshots'> &
    Pick<PostgresHostOptions, 'onServer' | 'onOutage'>
}

/** The test databases of one project, on the engine that was chosen for it. */
export interface TestDatabases {
  /** The engine, for people. */
  readonly label: string
  /** They run in this process, and take its memory. */
  readonly isInProcess: boolean
  /** How the baseline came about; undefined when nobody connected. */
  readonly origin: SnapshotOrigin | undefined
  /** No migration has to run for the first connection. */
  isAtHand(): Promise<boolean>
  /** Has the baseline made now. */
  prepare(): Promise<unknown>
  /** What has changed since, so that a new baseline is needed; undefined when nothing has. */
  changes(): Promise<readonly string[] | undefined>
  /** The next one who asks gets a new baseline. */
  forget(): void
  /**
   * A database, which is made when somebody connects.
   *
   * @param slot - Tells it from the others of this project.
   */
  create(slot: string, onStart?: () => void): SlotDatabase
  /** Ends what databases share. They themselves must be closed before. */
  close(): Promise<void>
}

/** @throws {ConfigError} when the engine that was asked for is not there. */
export async function openTestDatabases(options: TestDatabasesOptions): Promise<TestDatabases> {
  const choice = chooseEngine(options.engine, options.source.root)
  if (choice.kind === 'pglite') return onPGlite(options)
  if (choice.kind === 'url') assertNoProduction(choice.url)
  // With a client, and much else that takes its time to be loaded.
  const { onServer } = await import('./postgres/server-databases.ts')
  return onServer(options, choice)
}

function onPGlite({ source, events, host }: TestDatabasesOptions): TestDatabases {
  const snapshots = new SnapshotStore(source, events)
  return {
    label: 'PGlite',
    isInProcess: true,
    get origin() {
      return snapshots.origin
    },
    isAtHand: () => snapshots.isAtHand(),
    prepare: () => Promise.all([snapshots.get(), sharedEngineParts()]),
    changes: () => snapshots.changes(),
    forget: () => snapshots.forget(),
    create: (_, onStart) => new TestHost({ ...host, snapshots, ...(onStart && { onStart }) }),
    close: () => snapshots.settle(),
  }
}

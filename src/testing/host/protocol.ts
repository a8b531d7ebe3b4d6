import type { EngineParts } from '../pglite/engine-parts.ts'
import type { Snapshot } from '../pglite/snapshot.ts'
import type { Address } from '../server/address.ts'
import type { LoggedQuery } from '../server/open-query.ts'
import type { Stray } from '../server/stray.ts'
import type { EarlyWrites } from './early-writes.ts'
import type { Modes } from './modes.ts'

/** What was put back before a test. */
export interface ResetReport {
  /**
   * `none`: nothing had been asked of the database. `rows`: what was touched was put back. `full`: the
   * engine's whole state was. `rebuild`: the database was replaced by a new one.
   */
  readonly kind: 'none' | 'rows' | 'full' | 'rebuild'
  /** Of `rows`, the tables, sequences and materialized views that were put back; otherwise 0. */
  readonly relations: number
  /** Milliseconds. */
  readonly duration: number
  /** Why rows were not enough. */
  readonly reason?: string
}

/** What was put back after a test. */
export interface TestReset extends ResetReport {
  /** The test that made it necessary; undefined for what was done outside of tests. */
  readonly test: string | undefined
}

/** Transactions that were open when a reset came, and statements that ran, with the test that left them. */
export interface StrayReport {
  /** Undefined when no test had begun. */
  readonly test: string | undefined
  readonly strays: readonly Stray[]
}

/** The server of a database has ended by itself. */
export interface Outage {
  /** The test that ran; undefined when none had begun. */
  readonly test: string | undefined
  /** What the server printed last. */
  readonly reason: string
}

/** Moments of the database that it can be put back to, by number. */
export type SnapshotCommands = {
  readonly snapshot: (argument: undefined) => number
  readonly restore: (snapshot: number) => void
  readonly release: (snapshot: number) => void
}

/** A snapshot of what seeds of a test file have made. */
export interface NewLayer {
  /** The same for the same seeds on the same baseline. */
  readonly key: string
  readonly snapshot: number
  /** Milliseconds that they took. */
  readonly duration: number
}

/** What was written before the first test of a file. */
export interface EarlyWritesReport extends EarlyWrites {
  /** That test. */
  readonly test: string
}

/** A test worker that takes the database, for one file. */
export interface Entry {
  readonly tenant: string
  readonly modes: Modes
}

/** What a host can be asked for by the thread that started it. */
export type HostCommands = SnapshotCommands & {
  /** Listens there, or at an address of its own; the address. */
  readonly listen: (address: Address | undefined) => Address
  /** Boots the database now instead of at the first connection. */
  readonly boot: (argument: undefined) => void
  /** A test worker takes the database: connections of others end, the baseline is restored. */
  readonly enter: (entry: Entry) => ResetReport
  /** Names the test that runs. */
  readonly begin: (test: string) => void
  /** Changes the modes of the file that has begun. */
  readonly setModes: (modes: Modes) => void
  readonly reset: (test: string | undefined) => ResetReport
  /** Everything that is in the database now, but for what is in open transactions; undefined when it does not run. */
  readonly dump: (argument: undefined) => Snapshot | undefined
  readonly publish: (argument: undefined) => void
  /** Reports what has not been reported yet. */
  readonly report: (argument: undefined) => void
}

/** What a database is booted from; shared memory, so that no thread has a copy. */
export interface BootMaterial {
  /** Of the baseline. */
  readonly snapshot: Snapshot
  readonly parts: EngineParts
}

/** What a host asks of the thread that started it. */
export type HostRequests = {
  /** With the key of a layer: a database in which its seeds have been run. */
  readonly material: (layer: string | undefined) => BootMaterial | undefined
  /** A layer that others may want: the files of its database while that runs. */
  readonly keepLayer: (layer: { readonly key: string; readonly files: Snapshot }) => void
  readonly reportStrays: (report: StrayReport) => void
  readonly reportBooted: (warning: string | undefined) => void
  /** Those since it reported last. */
  readonly reportResets: (reports: readonly TestReset[]) => void
  readonly reportEarlyWrites: (report: EarlyWritesReport) => void
  /** The engine broke down; this thread is to be replaced. */
  readonly reportBroken: (reason: string) => void
}

/** What clients have sent since the test began. */
export interface SentQueries {
  readonly queries: readonly LoggedQuery[]
  /** How many came before those of the list, which has an end. */
  readonly dropped: number
}

/** What a test worker can ask of a host, over the control channel. */
export type ControlCommands = SnapshotCommands & {
  /** Names the test that runs: for the first one that uses a database. */
  readonly begin: (test: string) => void
  /** Restores the baseline before a test, which is named. */
  readonly reset: (test: string) => ResetReport
  /** Counts what clients have run: unchanged means that nobody used the database. */
  readonly traffic: (argument: undefined) => number
  /** Rolls back the transactions that are open, and names them. */
  readonly leaks: (argument: undefined) => readonly Stray[]
  /** What clients have sent since the test began: of PGlite, whose host hears all of them. */
  readonly queries: (argument: undefined) => SentQueries
  /** Reports statements that the test did not wait for. */
  readonly left: (strays: readonly Stray[]) => void
  /** The snapshot of seeds that were run before; 0 when it is not there. */
  readonly layer: (key: string) => number
  readonly keep: (layer: NewLayer) => void
  /** Why the server has ended since the test began; undefined when it has not in that many milliseconds. */
  readonly outage: (patience: number) => string | undefined
  /** From now on resets lead to this snapshot; to the baseline again for 0. */
  readonly base: (snapshot: number) => void
  /** Where a test is a transaction: commits what it has done until now. */
  readonly publish: (argument: undefined) => void
}

import type { KeptPlace } from '../failed/kept-database.ts'
import type { Address } from '../server/address.ts'
import type { Modes } from './modes.ts'
import type { ResetReport } from './protocol.ts'

/** The test database of one worker, whatever runs it, seen from the process that made it. */
export interface SlotDatabase {
  /** It runs already: a first connection does not wait for it. */
  readonly booted: boolean
  /** Somebody has connected: it runs, or is on its way. */
  readonly started: boolean
  /** Where a test worker gets the control channel. */
  listen(): Promise<Address>
  /** Where clients find the database, which need not run yet. */
  open(): Promise<Address>
  /**
   * The URL of that, unless the address says it all.
   *
   * @param isGated - Clients must not go past this process; false unless given.
   */
  url?(isGated?: boolean): Promise<string>
  /** Starts it now instead of at the first connection. */
  boot(): Promise<void>
  /** Hands the database to a test worker: connections of others end, the baseline is restored. */
  enter(tenant: string, modes: Modes): Promise<ResetReport>
  /** Names the test that runs, before there is anything to reset. */
  begin(test: string): Promise<void>
  /** Changes the modes for the file that has begun. */
  setModes(modes: Modes): Promise<void>
  /** Restores the baseline, for the test that comes. */
  reset(test?: string): Promise<ResetReport>
  /** Notes everything that is in the database now, under a number. */
  snapshot(): Promise<number>
  /** Puts the database back to a snapshot. */
  restore(snapshot: number): Promise<void>
  /** Where a test is a transaction: commits what it has done until now. */
  publish(): Promise<void>
  /** Gives the memory of a snapshot back. */
  release(snapshot: number): Promise<void>
  /**
   * Keeps what is in the database now, or will be when the next reset comes, for somebody who wants to see it.
   *
   * @param folder - Its files go there, if it has any.
   * @returns where it is; undefined when nothing can be kept.
   */
  keep(folder: string, number: number): Promise<KeptPlace | undefined>
  /** Has it report the resets that it has not reported yet. */
  report?(): Promise<void>
  /** Ends what has kept it from answering for seconds. */
  unblock(): Promise<void>
  /** Ends it, and every connection to it. */
  close(): Promise<void>
}

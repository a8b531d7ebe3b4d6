import type { EngineOptions } from '../testing/choose-engine.ts'
import type { FailedTest } from '../testing/failed/kept-database.ts'
import type { Modes } from '../testing/host/modes.ts'
import type { Address } from '../testing/server/address.ts'

/** What the plugin gives to the test workers of a project. */
export interface PluginContext {
  /** Where the front desk is. */
  readonly address: Address
  /** Keeps other programs of this machine out. */
  readonly token: string
  /** Which project it is, in this run. */
  readonly project: number
  /** The project's own limits in milliseconds, 0 for none. */
  readonly testTimeout: number
  readonly hookTimeout: number
  /** Each file has a worker of its own. */
  readonly isolated: boolean
  /** A test that leaves a transaction open fails. */
  readonly failOnLeaks: boolean
  /** Tests may put another `DATABASE_URL` in the place of their own. */
  readonly allowExternal: boolean
  /** Absolute path of the project. */
  readonly root: string
  /** What tests send is recorded, for `db.queries()` and for the text of a failure. */
  readonly log: boolean
  /** The databases of failed tests are kept. */
  readonly keep: boolean
  /** Absolute path of the migrations. */
  readonly folder: string
  /** What databases run on. */
  readonly engine: EngineOptions
  /** What becomes of concurrent tests that use a database. */
  readonly concurrent: 'error' | 'clone'
  /** Those of the plugin; a file may have others. */
  readonly modes: Modes
}

/** A test worker at the beginning of a file. */
export interface CheckIn {
  readonly token: string
  readonly project: number
  /** The pool and the slot in it: files of one slot run one after the other. */
  readonly slot: string
  /** The process or thread: what tells a worker from the next one in its slot. */
  readonly worker: string
  readonly modes: Modes
  /** The file may want that its tests are transactions: clients must come through the main process. */
  readonly isGated: boolean
}

/** The database a test worker is given. */
export interface Lease {
  readonly address: Address
  /** Where clients find it; unless given, as they find every database at that address. */
  readonly url?: string
  /** It has been connected to, by an earlier file: there is something to reset. */
  readonly started: boolean
  /** Its first connection does not wait for migrations: the database runs, or its snapshot is there. */
  readonly quick: boolean
}

/** What a test worker can ask of the front desk. */
export type FrontDeskCommands = {
  readonly checkIn: (request: CheckIn) => Lease
  /** Where the control channel is. Starts the database's thread. */
  readonly control: (request: CheckIn) => Address
  /** Answers when everything that clients have sent through the main process has been passed on. */
  readonly settle: (argument: undefined) => void
  /** Names the test that runs, before anybody has connected. */
  readonly begin: (request: CheckIn & { readonly test: string }) => void
  /** The file that has begun wants other modes, those of the request. */
  readonly setModes: (request: CheckIn) => void
  /** The worker's database does not answer: ends what it has been busy with for seconds. */
  readonly unblock: (request: CheckIn) => void
  /** The file depends on these, besides what it imports: absolute paths. */
  readonly watch: (request: CheckIn & { readonly paths: readonly string[] }) => void
  /** Keeps the worker's database as it is now: its number, if it could be kept. */
  readonly keep: (request: CheckIn & FailedTest) => number | undefined
  /** What was kept of a test is of no use. */
  readonly discard: (request: CheckIn & { readonly name: string }) => void
}

/** What the front desk tells a test worker. */
export type WorkerCommands = {
  /** Somebody connects to its database for the first time. */
  readonly started: (argument: undefined) => void
}

/** The name under which Vitest hands the context to test workers. */
export const CONTEXT_KEY = '@faasjs/pg'

declare module 'vitest' {
  interface ProvidedContext {
    '@faasjs/pg': PluginContext
  }
}

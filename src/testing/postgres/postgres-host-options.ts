import type { Modes } from '../host/modes.ts'
import type { Outage, StrayReport, TestReset } from '../host/protocol.ts'
import type { Transport } from '../server/address.ts'
import type { ServerStore } from './server-store.ts'

export interface PostgresHostOptions {
  readonly store: ServerStore
  /** Tells its database from those of other slots of this run. */
  readonly slot: string
  /** Until a test worker says how it wants it; the defaults unless given. */
  readonly modes?: Modes | undefined
  /** By TCP unless given; a server that somebody runs is reached as its URL says. */
  readonly connection?: Transport
  readonly onStrays: (report: StrayReport) => void
  /** Somebody connects. */
  readonly onStart?: () => void
  readonly onBooted?: (warning: string | undefined) => void
  readonly onReset?: (report: TestReset) => void
  /** It is made on a server, where resets end sessions of clients, which these may complain about. */
  readonly onServer?: () => void
  /** The server has ended by itself; the next reset makes another one. */
  readonly onOutage?: (report: Outage) => void
}

import type { Snapshot } from '../pglite/snapshot.ts'
import type { Modes } from './modes.ts'
import type { BootMaterial, EarlyWritesReport, StrayReport, TestReset } from './protocol.ts'
import type { Pulse } from './pulse.ts'

export interface HostOptions {
  /** Milliseconds a connection may wait for a transaction in which nothing happens. */
  readonly waitLimit: number
  /** Note what clients send; true unless given. */
  readonly log?: boolean
  /** Until a test worker says how it wants it; the defaults unless given. */
  readonly modes?: Modes
  /** Where other threads see what the engine is at. */
  readonly pulse?: Pulse
  /** What to boot from; with the key of a layer, undefined when that is not there. */
  readonly material: (layer?: string) => Promise<BootMaterial | undefined>
  /** Seeds have made what others may want, too: the files of its database. */
  readonly onLayer?: (layer: { readonly key: string; readonly files: Snapshot }) => void
  /** A client has got an answer. */
  readonly onAnswered?: () => void
  readonly onStrays: (report: StrayReport) => void
  /** With a warning, where the engine's memory cannot be restored. */
  readonly onBooted: (warning: string | undefined) => void
  /** Something was put back after a test. */
  readonly onReset?: (report: TestReset) => void
  /** What was written before the first test of a file is put back. */
  readonly onEarlyWrites?: (report: EarlyWritesReport) => void
  /** The engine is beyond use, and so is this host: its thread must be replaced. */
  readonly onBroken: (reason: string) => void
}

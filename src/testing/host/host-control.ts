import type { QueryLog } from '../server/query-log.ts'
import type { Stray } from '../server/stray.ts'
import type { NewLayer, ResetReport } from './protocol.ts'
import type { Handlers } from './rpc.ts'

type MaybePromise<T> = T | Promise<T>

/** A database of test workers. */
export interface ControlledDatabase {
  /** What clients have sent since the test began, where it hears that. */
  readonly sent?: QueryLog
  begin(test: string): MaybePromise<void>
  reset(test: string): Promise<ResetReport>
  countTraffic(): MaybePromise<number>
  endLeaks(): Promise<readonly Stray[]>
  left(strays: readonly Stray[]): void
  snapshot(): Promise<number>
  restore(snapshot: number): Promise<void>
  release(snapshot: number): MaybePromise<void>
  base(snapshot: number): MaybePromise<void>
  layer(key: string): Promise<number>
  keepLayer(layer: NewLayer): Promise<void>
  /** Where it can end by itself. */
  findOutage?(patience: number): Promise<string | undefined>
  publish(): Promise<void>
}

/** What a test worker can ask of its database: see {@link ControlCommands}. */
export function hostControl(database: ControlledDatabase): Handlers {
  return {
    begin: (test: string) => database.begin(test),
    reset: (test: string) => database.reset(test),
    traffic: () => database.countTraffic(),
    leaks: () => database.endLeaks(),
    left: (strays: readonly Stray[]) => database.left(strays),
    queries: () =>
      database.sent && { queries: database.sent.queries, dropped: database.sent.dropped },
    snapshot: () => database.snapshot(),
    restore: (snapshot: number) => database.restore(snapshot),
    release: (snapshot: number) => database.release(snapshot),
    base: (snapshot: number) => database.base(snapshot),
    layer: (key: string) => database.layer(key),
    keep: (layer: NewLayer) => database.keepLayer(layer),
    outage: (patience: number) => database.findOutage?.(patience),
    publish: () => database.publish(),
  }
}

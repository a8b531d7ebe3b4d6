import type { Stray } from '../server/stray.ts'
import type { Host } from './host.ts'
import type { NewLayer } from './protocol.ts'
import type { Handlers } from './rpc.ts'

/** What a test worker can ask of its database. */
export function hostControl(host: Host): Handlers {
  return {
    begin: (test: string) => host.begin(test),
    reset: (test: string) => host.reset(test),
    traffic: () => host.session.traffic,
    leaks: () => host.endLeaks(),
    left: (strays: readonly Stray[]) => host.left(strays),
    queries: () => ({ queries: host.sent.queries, dropped: host.sent.dropped }),
    snapshot: () => host.snapshot(),
    restore: (snapshot: number) => host.restore(snapshot),
    release: (snapshot: number) => host.release(snapshot),
    base: (snapshot: number) => host.base(snapshot),
    layer: (key: string) => host.layer(key),
    keep: (layer: NewLayer) => host.keepLayer(layer),
    outage: () => undefined,
    publish: () => host.publish(),
  }
}

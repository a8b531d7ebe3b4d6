// The thread of one test database. It listens at once and boots its engine at the first connection.
import { parentPort, workerData } from 'node:worker_threads'

import type { Address } from '../server/address.ts'
import { Alertness, ThreadCount } from './alertness.ts'
import { Host } from './host.ts'
import type { Modes } from './modes.ts'
import type { Entry, HostRequests, TestReset } from './protocol.ts'
import { Pulse } from './pulse.ts'
import { Rpc } from './rpc.ts'
import type { HostJob } from './test-host.ts'

const port = parentPort
if (!port) throw new Error('this module is the entry of a worker thread')
const job = workerData as HostJob

const alertness = new Alertness(new ThreadCount(job.threads))

// Each message wakes up the other thread, so that resets are reported together: at the latest when there are so many.
const MOST = 1000
const resets: TestReset[] = []
const report = (): void => {
  if (resets.length > 0) void rpc.call('reportResets', resets.splice(0))
}

const host = new Host({
  waitLimit: job.waitLimit,
  log: job.log,
  modes: job.modes,
  pulse: new Pulse(job.pulse),
  material: (layer) => rpc.call('material', layer),
  onLayer: (layer) => void rpc.call('keepLayer', layer),
  onAnswered: () => alertness.renew(),
  onStrays: (report) => void rpc.call('reportStrays', report),
  onReset: (reset) => {
    if (resets.push(reset) >= MOST) report()
  },
  onEarlyWrites: (report) => void rpc.call('reportEarlyWrites', report),
  onBooted: (warning) => void rpc.call('reportBooted', warning),
  onBroken: (reason) => void rpc.call('reportBroken', reason),
})

const rpc: Rpc<HostRequests> = new Rpc<HostRequests>(
  { send: (message) => port.postMessage(message) },
  {
    listen: (address: Address | undefined) => host.listen(job.connection, address),
    boot: () => host.boot(),
    enter: ({ tenant, modes }: Entry) => {
      report()
      return host.enter(tenant, modes)
    },
    begin: (test: string) => host.begin(test),
    setModes: (modes: Modes) => host.setModes(modes),
    reset: (test: string | undefined) => host.reset(test),
    dump: () => host.dump(),
    report,
    publish: () => host.publish(),
    snapshot: () => host.snapshot(),
    restore: (snapshot: number) => host.restore(snapshot),
    release: (snapshot: number) => host.release(snapshot),
  },
)
port.on('message', (message) => rpc.receive(message))

import { join } from 'node:path'
import { Worker } from 'node:worker_threads'

import { writeSnapshotFile } from '../cache/snapshot-file.ts'
import { type KeptPlace, SNAPSHOT_FILE } from '../failed/kept-database.ts'
import { sharedEngineParts } from '../pglite/engine-parts.ts'
import type { Snapshot } from '../pglite/snapshot.ts'
import { type Address, isSocket, type Transport } from '../server/address.ts'
import { removeAtExit, removeSocketFolder } from '../server/socket-folder.ts'
import { ThreadCount } from './alertness.ts'
import { databaseClosed } from './database-closed.ts'
import { Doorman } from './doorman.ts'
import { DEFAULT_MODES, type Modes } from './modes.ts'
import type {
  BootMaterial,
  EarlyWritesReport,
  Entry,
  HostCommands,
  ResetReport,
  StrayReport,
  TestReset,
} from './protocol.ts'
import { type Busy, Pulse } from './pulse.ts'
import { Rpc } from './rpc.ts'
import type { SlotDatabase } from './slot-database.ts'
import type { SnapshotStore } from './snapshot-store.ts'

/** What a host thread is told. */
export interface HostJob {
  readonly waitLimit: number
  readonly log: boolean
  readonly modes: Modes
  readonly connection: Transport
  /** Of its {@link Pulse}. */
  readonly pulse: SharedArrayBuffer
  /** Of their {@link ThreadCount}. */
  readonly threads: SharedArrayBuffer
}

export interface TestHostOptions {
  readonly snapshots: SnapshotStore
  /** Note what clients send; true unless given. */
  readonly log?: boolean
  /** Until a test worker says how it wants it; the defaults unless given. */
  readonly modes?: Modes | undefined
  /** By TCP unless given. */
  readonly connection?: Transport
  /** Milliseconds after which a statement is ended, with its thread; no limit unless given. */
  readonly queryLimit?: number | undefined
  readonly onStrays: (report: StrayReport) => void
  /** Its thread is started, as somebody connects. */
  readonly onStart?: () => void
  /** With a warning, where the engine's memory cannot be restored. */
  readonly onBooted?: (warning: string | undefined) => void
  readonly onReset?: (report: TestReset) => void
  /** What was written before the first test of a file is put back. */
  readonly onEarlyWrites?: (report: EarlyWritesReport) => void
  /** A statement did not end, and was ended. */
  readonly onRunaway?: (busy: Busy) => void
}

// Below a test's usual timeout of five seconds, so that the error comes first.
const WAIT_LIMIT = 2000
// The test that ran a statement is over when the next command comes; it need not end by itself.
const PATIENCE = 2000
const LOOK_AGAIN = 250
// A hundred thousand rows of the baseline take seconds on a busy machine.
const LONGEST_RESET = 60_000

const threads = new ThreadCount()

/**
 * A test database in a thread of its own, seen from the thread that uses it.
 *
 * The thread does not keep the process alive, except while something is asked of it. One that breaks
 * down is replaced by another at the same address.
 */
export class TestHost implements SlotDatabase {
  readonly #options: TestHostOptions
  #thread: Worker | undefined
  #rpc: Rpc<HostCommands> | undefined
  #listening: Promise<Address> | undefined
  #address: Address | undefined
  readonly #doorman = new Doorman(() => this.listen())
  #pulse: Pulse | undefined
  #watching: NodeJS.Timeout | undefined
  #entry: Entry | undefined
  /** The test that runs, where the thread may have to be told. */
  #test: string | undefined
  #booted = false
  #closed = false

  constructor(options: TestHostOptions) {
    this.#options = options
  }

  /** The engine runs already: a first connection does not wait for it. */
  get booted(): boolean {
    return this.#booted
  }

  /** The thread is there, or on its way: somebody has connected. */
  get started(): boolean {
    return this.#listening !== undefined
  }

  /** Where clients find the database, which needs no thread before the first one connects. */
  async open(): Promise<Address> {
    if (this.#closed) throw databaseClosed()
    if (this.#listening) return await this.#listening
    return await this.#doorman.listen(this.#options.connection ?? 'tcp')
  }

  /** Starts the thread unless it runs, and says where it listens. */
  async listen(): Promise<Address> {
    if (this.#closed) throw databaseClosed()
    if (!this.#listening) {
      this.#options.onStart?.()
      this.#listening = this.#start()
    }
    return await this.#listening
  }

  /** Boots the database now instead of at the first connection. */
  async boot(): Promise<void> {
    await this.#call('boot', undefined)
  }

  /** Hands the database to a test worker: connections of others end, the baseline is restored. */
  async enter(tenant: string, modes: Modes): Promise<ResetReport> {
    this.#entry = { tenant, modes }
    this.#test = undefined
    if (!this.#listening) return { kind: 'none', relations: 0, duration: 0 }
    return await this.#call('enter', this.#entry)
  }

  /** Names the test that runs, before there is anything to reset. */
  async begin(test: string): Promise<void> {
    this.#test = test
    if (this.#listening) await this.#call('begin', test)
  }

  /** Changes the modes for the file that has begun. */
  async setModes(modes: Modes): Promise<void> {
    if (this.#entry) this.#entry = { ...this.#entry, modes }
    if (this.#listening) await this.#call('setModes', modes)
  }

  /** Restores the baseline. */
  async reset(test?: string): Promise<ResetReport> {
    return await this.#call('reset', test)
  }

  /** Notes everything that is in the database now, under a number. */
  async snapshot(): Promise<number> {
    return await this.#call('snapshot', undefined)
  }

  /** Puts the database back to a snapshot. */
  async restore(snapshot: number): Promise<void> {
    await this.#call('restore', snapshot)
  }

  /** Where a test is a transaction: commits what it has done until now. */
  async publish(): Promise<void> {
    await this.#call('publish', undefined)
  }

  /** Gives the memory of a snapshot back. */
  async release(snapshot: number): Promise<void> {
    if (!this.#closed) await this.#call('release', snapshot)
  }

  async report(): Promise<void> {
    if (this.#booted && !this.#closed) await this.#call('report', undefined)
  }

  async keep(folder: string): Promise<KeptPlace | undefined> {
    if (!this.#booted) return undefined
    const snapshot = await this.#call('dump', undefined)
    if (!snapshot) return undefined
    await writeSnapshotFile(join(folder, SNAPSHOT_FILE), snapshot)
    return { kind: 'pglite' }
  }

  /** Ends a statement that has run for seconds, as nobody waits for it any more. */
  async unblock(): Promise<void> {
    await this.#endRunaway(PATIENCE)
  }

  /** Ends the thread and every connection. */
  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#watching)
    // A successor that is starting must not outlive this.
    await this.#listening?.catch(() => {})
    this.#rpc?.close(databaseClosed())
    await this.#thread?.terminate()
    await this.#doorman.close()
    if (this.#address && isSocket(this.#address)) removeSocketFolder(this.#address.host)
  }

  async #call<Name extends keyof HostCommands>(
    name: Name,
    argument: Parameters<HostCommands[Name]>[0],
  ): Promise<Awaited<ReturnType<HostCommands[Name]>>> {
    await this.listen()
    const thread = this.#thread
    const rpc = this.#rpc
    if (!thread || !rpc || this.#closed) throw databaseClosed()
    thread.ref()
    const impatience = setInterval(() => void this.unblock().catch(() => {}), LOOK_AGAIN)
    try {
      return await rpc.call(name, argument)
    } catch (error) {
      if (this.#thread === thread || this.#closed) throw error
      // It broke down meanwhile: its successor is asked.
      return await this.#call(name, argument)
    } finally {
      clearInterval(impatience)
      if (rpc.pending === 0) thread.unref()
    }
  }

  async #material(layer: string | undefined): Promise<BootMaterial | undefined> {
    const { snapshots } = this.#options
    const [snapshot, parts] = await Promise.all([
      layer === undefined ? snapshots.get() : snapshots.layer(layer),
      sharedEngineParts(),
    ])
    return snapshot && { snapshot, parts }
  }

  async #start(): Promise<Address> {
    this.#booted = false
    const pulse = new Pulse()
    const job: HostJob = {
      waitLimit: WAIT_LIMIT,
      log: this.#options.log ?? true,
      modes: this.#options.modes ?? DEFAULT_MODES,
      connection: this.#options.connection ?? 'tcp',
      pulse: pulse.buffer,
      threads: threads.buffer,
    }
    this.#pulse = pulse
    const thread = new Worker(new URL('./host-thread.js', import.meta.url), { workerData: job })
    // What it will ask for is made while it loads; what goes wrong is told to it then.
    void this.#material(undefined).catch(() => {})
    const rpc = new Rpc<HostCommands>(
      { send: (message) => thread.postMessage(message) },
      {
        material: (layer: string | undefined) => this.#material(layer),
        keepLayer: ({ key, files }: { key: string; files: Snapshot }) =>
          this.#options.snapshots.keepLayer(key, files),
        reportStrays: (report: StrayReport) => this.#options.onStrays(report),
        reportBooted: (warning: string | undefined) => {
          this.#booted = true
          this.#options.onBooted?.(warning)
        },
        reportEarlyWrites: (report: EarlyWritesReport) => this.#options.onEarlyWrites?.(report),
        reportResets: (reports: readonly TestReset[]) => {
          for (const report of reports) this.#options.onReset?.(report)
        },
        reportBroken: () => this.#replace(thread),
      },
    )
    thread.on('message', (message) => rpc.receive(message))
    thread.on('error', (error) => rpc.close(error))
    let started = false
    threads.add(1)
    thread.on('exit', () => {
      threads.add(-1)
      rpc.close(databaseClosed())
      // One that does not even start is not tried again.
      if (started) void this.#replace(thread).catch(() => {})
    })
    this.#thread = thread
    this.#rpc = rpc
    this.#address = await rpc.call('listen', this.#address)
    // A thread that is ended cannot.
    if (isSocket(this.#address)) removeAtExit(this.#address.host)
    if (this.#entry) await rpc.call('enter', this.#entry)
    if (this.#test !== undefined) await rpc.call('begin', this.#test)
    started = true
    thread.unref()
    this.#watch()
    return this.#address
  }

  #watch(): void {
    const { queryLimit } = this.#options
    if (queryLimit === undefined || this.#watching) return
    const look = (): void => void this.#endRunaway(queryLimit).catch(() => {})
    this.#watching = setInterval(look, LOOK_AGAIN)
    this.#watching.unref()
  }

  async #endRunaway(limit: number): Promise<void> {
    const thread = this.#thread
    const busy = this.#pulse?.busy
    if (!thread || !busy || busy.duration < (busy.own ? LONGEST_RESET : limit)) return
    this.#options.onRunaway?.(busy)
    await this.#replace(thread)
  }

  /** The engine broke down: a new thread takes over the address. */
  async #replace(thread: Worker): Promise<void> {
    if (this.#thread !== thread || this.#closed) return
    this.#thread = undefined
    this.#listening = thread.terminate().then(() => this.#start())
    await this.#listening
  }
}

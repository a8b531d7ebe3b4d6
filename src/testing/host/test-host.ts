import { Worker } from 'node:worker_threads'

import { TestDatabaseError } from '../../errors.ts'
import { sharedEngineParts } from '../pglite/engine-parts.ts'
import type { BootMaterial, HostCommands, ResetReport, StrayReport, TestReset } from './protocol.ts'
import { type Busy, Pulse } from './pulse.ts'
import { Rpc } from './rpc.ts'
import type { SnapshotStore } from './snapshot-store.ts'

/** What a host thread is told. */
export interface HostJob {
  readonly waitLimit: number
  readonly full: boolean
  /** Of its {@link Pulse}. */
  readonly pulse: SharedArrayBuffer
}

export interface TestHostOptions {
  readonly snapshots: SnapshotStore
  /** Restore everything before each test, not only what was touched; false unless given. */
  readonly full?: boolean
  /** Milliseconds after which a statement is ended, with its thread; no limit unless given. */
  readonly queryLimit?: number | undefined
  readonly onStrays: (report: StrayReport) => void
  /** With a warning, where the engine's memory cannot be restored. */
  readonly onBooted?: (warning: string | undefined) => void
  readonly onReset?: (report: TestReset) => void
  /** A statement did not end, and was ended. */
  readonly onRunaway?: (busy: Busy) => void
}

// Below a test's usual timeout of five seconds, so that the error comes first.
const WAIT_LIMIT = 2000
// The test that ran a statement is over when the next command comes; it need not end by itself.
const PATIENCE = 2000
const LOOK_AGAIN = 250

/**
 * A test database in a thread of its own, seen from the thread that uses it.
 *
 * The thread does not keep the process alive, except while something is asked of it. One that breaks
 * down is replaced by another on the same port.
 */
export class TestHost {
  readonly #options: TestHostOptions
  #thread: Worker | undefined
  #rpc: Rpc<HostCommands> | undefined
  #listening: Promise<number> | undefined
  #port = 0
  #pulse: Pulse | undefined
  #watching: NodeJS.Timeout | undefined
  #tenant: string | undefined
  #booted = false
  #closed = false

  constructor(options: TestHostOptions) {
    this.#options = options
  }

  /** The engine runs already: a first connection does not wait for it. */
  get booted(): boolean {
    return this.#booted
  }

  /** The port on 127.0.0.1, from the first call on. */
  async listen(): Promise<number> {
    if (this.#closed) throw closedError()
    this.#listening ??= this.#start()
    return await this.#listening
  }

  /** Where clients find the database. */
  async url(): Promise<string> {
    return `postgres://postgres:postgres@127.0.0.1:${await this.listen()}/postgres`
  }

  /** Boots the database now instead of at the first connection. */
  async boot(): Promise<void> {
    await this.#call('boot', undefined)
  }

  /** Hands the database to a test worker: connections of others end, the baseline is restored. */
  async enter(tenant: string): Promise<ResetReport> {
    this.#tenant = tenant
    return await this.#call('enter', tenant)
  }

  /** Restores the baseline. */
  async reset(test?: string): Promise<ResetReport> {
    return await this.#call('reset', test)
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
    this.#rpc?.close(closedError())
    await this.#thread?.terminate()
  }

  async #call<Name extends keyof HostCommands>(
    name: Name,
    argument: Parameters<HostCommands[Name]>[0],
  ): Promise<Awaited<ReturnType<HostCommands[Name]>>> {
    await this.listen()
    const thread = this.#thread
    const rpc = this.#rpc
    if (!thread || !rpc || this.#closed) throw closedError()
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

  async #material(): Promise<BootMaterial> {
    const [snapshot, parts] = await Promise.all([
      this.#options.snapshots.get(),
      sharedEngineParts(),
    ])
    return { snapshot, parts }
  }

  async #start(): Promise<number> {
    this.#booted = false
    const pulse = new Pulse()
    const job: HostJob = {
      waitLimit: WAIT_LIMIT,
      full: this.#options.full ?? false,
      pulse: pulse.buffer,
    }
    this.#pulse = pulse
    const thread = new Worker(new URL('./host-thread.js', import.meta.url), { workerData: job })
    const rpc = new Rpc<HostCommands>(
      { send: (message) => thread.postMessage(message) },
      {
        material: () => this.#material(),
        reportStrays: (report: StrayReport) => this.#options.onStrays(report),
        reportBooted: (warning: string | undefined) => {
          this.#booted = true
          this.#options.onBooted?.(warning)
        },
        reportReset: (report: TestReset) => this.#options.onReset?.(report),
        reportBroken: () => this.#replace(thread),
      },
    )
    thread.on('message', (message) => rpc.receive(message))
    thread.on('error', (error) => rpc.close(error))
    let started = false
    thread.on('exit', () => {
      rpc.close(closedError())
      // One that does not even start is not tried again.
      if (started) void this.#replace(thread).catch(() => {})
    })
    this.#thread = thread
    this.#rpc = rpc
    this.#port = await rpc.call('listen', this.#port)
    started = true
    thread.unref()
    this.#watch()
    return this.#port
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
    if (!thread || !busy || busy.duration < limit) return
    this.#options.onRunaway?.(busy)
    await this.#replace(thread)
  }

  /** The engine broke down: a new thread takes over the port. */
  async #replace(thread: Worker): Promise<void> {
    if (this.#thread !== thread || this.#closed) return
    this.#thread = undefined
    this.#listening = thread.terminate().then(async () => {
      const port = await this.#start()
      if (this.#tenant !== undefined) await this.#rpc?.call('enter', this.#tenant)
      return port
    })
    await this.#listening
  }
}

function closedError(): TestDatabaseError {
  return new TestDatabaseError('TEST_DATABASE_FAILED', {
    what: 'the test database is closed',
    fix: 'use it before it is closed, or create another one',
  })
}

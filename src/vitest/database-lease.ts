import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'

import type { ConfigError } from '../errors.ts'
import type { FailedTest } from '../testing/failed/kept-database.ts'
import { rpcOverSocket } from '../testing/host/json-lines.ts'
import type { Modes } from '../testing/host/modes.ts'
import type { ControlCommands, NewLayer, SentQueries } from '../testing/host/protocol.ts'
import type { Handlers, Rpc } from '../testing/host/rpc.ts'
import { type Address, connectTo } from '../testing/server/address.ts'
import { CONTROL_REQUEST } from '../testing/server/startup.ts'
import { type Stray, unawaited } from '../testing/server/stray.ts'
import { SocketTap } from '../testing/tap/socket-tap.ts'
import { leaseVariables } from './lease-variables.ts'
import type {
  CheckIn,
  FrontDeskCommands,
  Lease,
  PluginContext,
  WorkerCommands,
} from './protocol.ts'

interface Channel<Remote extends Handlers> {
  readonly socket: Socket
  readonly rpc: Rpc<Remote>
}

// Tests may put other clocks in their place later.
const { setImmediate, setInterval, clearInterval } = globalThis

// Milliseconds before the main process is asked to look what keeps the database from answering.
const PATIENCE = 1000

/** The database of this test worker, for one test file. */
export class DatabaseLease {
  /** What clients find the database by. */
  readonly variables: Readonly<Record<string, string>>
  /** See {@link Lease.quick}. */
  readonly quick: boolean
  #request: CheckIn
  readonly #frontDesk: Channel<FrontDeskCommands>
  readonly #start: Start
  /** Hears what this process sends: of PGlite, which also hears others, to know what was not waited for. */
  readonly #tap: SocketTap | undefined
  readonly #isServer: boolean
  /** It is of one of several tests that run at a time: what this process sends is not all that test's. */
  readonly #isCopy: boolean
  /** Clients reach it through the main process, as nobody had connected when the file began. */
  readonly #isIndirect: boolean
  #control: Promise<Channel<ControlCommands>> | undefined
  #test = ''

  private constructor(
    lease: Lease,
    request: CheckIn,
    frontDesk: Channel<FrontDeskCommands>,
    start: Start,
    log: boolean,
    isCopy: boolean,
  ) {
    this.variables = leaseVariables(lease, process.env)
    this.quick = lease.quick
    this.#isServer = lease.url !== undefined
    this.#isCopy = isCopy
    if (log) {
      this.#tap = SocketTap.install()
      const noun = this.#isServer ? 'session' : 'connection'
      this.#tap.watch(this.variables['DATABASE_URL'] ?? '', noun)
    }
    this.#request = request
    this.#frontDesk = frontDesk
    this.#start = start
    this.#isIndirect = !lease.started
    start.happened ||= lease.started
    // The test that runs is to be known by its name.
    start.listener = () => {
      if (this.#test === '') return
      this.#ask((rpc) => rpc.call('begin', this.#test)).catch(() => {})
    }
    process.once('disconnect', exit)
  }

  /**
   * Asks the Vitest main process for the database of this worker's slot.
   *
   * @param testPath - The test file, if it is known.
   * @param copy - From 1 on, a further one, for a test that runs concurrently with others.
   */
  static async open(
    { address, token, project, modes, log }: PluginContext,
    testPath: string | undefined,
    copy = 0,
  ): Promise<DatabaseLease> {
    const mark = copy === 0 ? '' : `~${copy}`
    const { isMainThread, threadId } = await thisThread()
    const request: CheckIn = {
      token,
      project,
      slot: `${isMainThread ? 'processes' : 'threads'}-${process.env['VITEST_POOL_ID'] ?? '0'}${mark}`,
      worker: `${process.pid}.${threadId}${mark}`,
      modes,
      isGated: copy === 0 && asksForMode(testPath),
    }
    const start: Start = { happened: false, listener: undefined }
    const started: WorkerCommands['started'] = () => {
      start.happened = true
      start.listener?.()
    }
    const frontDesk = await openChannel<FrontDeskCommands>(address, { started })
    try {
      const lease = await frontDesk.rpc.call('checkIn', request)
      return new DatabaseLease(lease, request, frontDesk, start, log, copy > 0)
    } catch (error) {
      frontDesk.socket.destroy()
      throw error
    }
  }

  /** Changes how the database is shared and put back, for this file. */
  async setModes(modes: Modes): Promise<void> {
    this.#request = { ...this.#request, modes }
    await this.#frontDesk.rpc.call('setModes', this.#request)
  }

  /** Puts the database back to its baseline, whatever it is busy with. */
  async reset(test: string): Promise<void> {
    this.#test = test
    if (!(await this.#hasStarted())) {
      // Where a test is a transaction, its first statement must know.
      if (this.#request.modes.reset === 'transaction') {
        await this.#frontDesk.rpc.call('begin', { ...this.#request, test })
      }
      return
    }
    if (!this.#isCopy) await this.#settle()
    const impatience = setInterval(() => {
      this.#frontDesk.rpc.call('unblock', this.#request).catch(() => {})
    }, PATIENCE)
    try {
      const { kind } = await this.#ask((rpc) => rpc.call('reset', test))
      // A new database has ended sessions: what pools are told of that has arrived after one round.
      if (kind === 'full') await new Promise((resolve) => setImmediate(resolve))
    } finally {
      clearInterval(impatience)
    }
    if (!this.#isCopy) this.#tap?.log.clear()
  }

  /** Rolls back the transactions that the test left open, and names them and the statements that still run. */
  async leaks(): Promise<readonly Stray[]> {
    if (!(await this.#hasStarted())) return []
    await untilWritten()
    const left = this.#tap?.log.running ?? []
    const ended = await this.#ask((rpc) => rpc.call('leaks', undefined))
    return [...ended, ...unawaited(left, ended)]
  }

  /** Counts what clients have run on the database. */
  async traffic(): Promise<number> {
    if (!(await this.#hasStarted())) return 0
    return await this.#ask((rpc) => rpc.call('traffic', undefined))
  }

  /** What clients have sent since the test began. */
  async queries(): Promise<SentQueries> {
    if (!this.#tap) throw await notRecorded()
    if (this.#isServer) return this.heard()
    if (!(await this.#hasStarted())) return { queries: [], dropped: 0 }
    return await this.#ask((rpc) => rpc.call('queries', undefined))
  }

  /** Why the database's server has ended since the test began; undefined when it has not in that many milliseconds. */
  async outage(patience: number): Promise<string | undefined> {
    // Whoever asks PGlite waits for the statement that a test has left running.
    if (!this.#isServer || !(await this.#hasStarted())) return undefined
    return await this.#ask((rpc) => rpc.call('outage', patience))
  }

  /** What this process has sent since the test began: known without asking anybody. Nothing where it is not recorded. */
  heard(): SentQueries {
    const { queries = [], dropped = 0 } = this.#tap?.log ?? {}
    return { queries, dropped }
  }

  /** Somebody has connected to it. */
  get isUsed(): boolean {
    return this.#start.happened
  }

  /** Keeps the database as it is now, for somebody who wants to see why the test failed: its number. */
  async keepFailed(test: FailedTest): Promise<number | undefined> {
    if (!(await this.#hasStarted())) return undefined
    return await this.#frontDesk.rpc.call('keep', { ...this.#request, ...test })
  }

  /** What was kept of a test is of no use: it has passed. */
  async discardFailed(name: string): Promise<void> {
    await this.#frontDesk.rpc.call('discard', { ...this.#request, name })
  }

  /** Notes everything that is in the database now, under a number: for this test file. */
  async snapshot(): Promise<number> {
    return await this.#ask((rpc) => rpc.call('snapshot', undefined))
  }

  /** Puts the database back to a snapshot. */
  async restore(snapshot: number): Promise<void> {
    await this.#ask((rpc) => rpc.call('restore', snapshot))
  }

  /** From now on resets lead to this snapshot; to the baseline again for 0. */
  async base(snapshot: number): Promise<void> {
    await this.#ask((rpc) => rpc.call('base', snapshot))
  }

  /** Says what the file depends on besides what it imports. */
  async watch(paths: readonly string[]): Promise<void> {
    await this.#frontDesk.rpc.call('watch', { ...this.#request, paths })
  }

  /** The snapshot of seeds that were run before; 0 when it is not there. */
  async layer(key: string): Promise<number> {
    return await this.#ask((rpc) => rpc.call('layer', key))
  }

  /** Has a snapshot kept as what seeds have made. */
  async keep(layer: NewLayer): Promise<void> {
    await this.#ask((rpc) => rpc.call('keep', layer))
  }

  /** Where a test is a transaction: commits what it has done until now. */
  async publish(): Promise<void> {
    await this.#ask((rpc) => rpc.call('publish', undefined))
  }

  /** Gives the memory of a snapshot back. */
  async releaseSnapshot(snapshot: number): Promise<void> {
    await this.#ask((rpc) => rpc.call('release', snapshot))
  }

  /**
   * Gives the database back: now, or when this worker has gone, which may be some time after its last file.
   * Until then code that a test has left behind could come back to the database.
   */
  release(isLast: boolean): void {
    process.off('disconnect', exit)
    this.#control?.then(
      ({ socket }) => socket.destroy(),
      () => {},
    )
    if (isLast) this.#frontDesk.socket.unref()
    else this.#frontDesk.socket.destroy()
  }

  /** Lets come what the last test sent without waiting for the answer, and names it. */
  async #settle(): Promise<void> {
    const tap = this.#tap
    if (!tap) return
    await untilWritten()
    const { running } = tap.log
    const count = await tap.drain()
    const strays = unawaited([...running, ...tap.log.since(count)], [])
    if (strays.length === 0) return
    // Not waited for: a database that is busy with one of them answers when it is asked for a reset.
    this.#control ??= this.#openControl()
    this.#control.then(({ rpc }) => rpc.call('left', strays)).catch(() => {})
  }

  /** Somebody has connected. Until then there is no database, and nothing to ask it for. */
  async #hasStarted(): Promise<boolean> {
    // What the front desk said before the last query was answered has arrived after one round.
    if (!this.#start.happened) await new Promise((resolve) => setImmediate(resolve))
    // What clients have sent must not arrive after what is asked next.
    if (this.#start.happened && this.#isIndirect) {
      await this.#frontDesk.rpc.call('settle', undefined)
    }
    return this.#start.happened
  }

  async #ask<T>(question: (rpc: Rpc<ControlCommands>) => Promise<T>): Promise<T> {
    this.#control ??= this.#openControl()
    const { rpc } = await this.#control
    try {
      return await question(rpc)
    } catch (error) {
      if (!rpc.isEnd(error)) throw error
      // The database broke down. The front desk knows when another one has taken its place.
      await this.#frontDesk.rpc.call('checkIn', this.#request)
      this.#control = this.#openControl()
      return await question((await this.#control).rpc)
    }
  }

  async #openControl(): Promise<Channel<ControlCommands>> {
    const address = await this.#frontDesk.rpc.call('control', this.#request)
    return await openChannel<ControlCommands>(address, {}, CONTROL_REQUEST)
  }
}

/** The test file may call `pgTest`, which is not known before it is loaded: then it is too late for a URL. */
function asksForMode(testPath: string | undefined): boolean {
  return testPath === undefined || readFileSync(testPath, 'utf8').includes('pgTest')
}

interface Thread {
  readonly isMainThread: boolean
  readonly threadId: number
}

/** Threads have no channel to the process that started theirs: most workers need not load a module to know. */
async function thisThread(): Promise<Thread> {
  if (process.send) return { isMainThread: true, threadId: 0 }
  return await import('node:worker_threads')
}

interface Start {
  happened: boolean
  listener: (() => void) | undefined
}

/** Pools send in a turn of its own what they were asked for. */
async function untilWritten(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

async function notRecorded(): Promise<ConfigError> {
  const { ConfigError } = await import('../errors.ts')
  return new ConfigError('BAD_OPTION', {
    what: 'what tests send to their database is not recorded',
    why: 'the option "log" of the plugin is false',
    fix: "leave it out, or write log: 'failed'",
  })
}

/** The main process was killed, and the databases with it: Vitest would let the test go on alone. */
function exit(): void {
  process.exit(1)
}

async function openChannel<Remote extends Handlers>(
  address: Address,
  handlers: Handlers,
  greeting?: Buffer,
): Promise<Channel<Remote>> {
  const socket = connectTo(address)
  await once(socket, 'connect')
  if (greeting) socket.write(greeting)
  return { socket, rpc: rpcOverSocket<Remote>(socket, handlers) }
}

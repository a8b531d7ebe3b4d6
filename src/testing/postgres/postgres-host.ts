import { performance } from 'node:perf_hooks'

import { ConfigError } from '../../errors.ts'
import { ServerBaseline } from '../baseline/server-baseline.ts'
import type { KeptPlace } from '../failed/kept-database.ts'
import { databaseClosed } from '../host/database-closed.ts'
import { type ControlledDatabase, hostControl } from '../host/host-control.ts'
import { rpcOverSocket } from '../host/json-lines.ts'
import { DEFAULT_MODES, type Modes, type ResetWay, wayOfFile, wayOfTest } from '../host/modes.ts'
import type { NewLayer, ResetReport } from '../host/protocol.ts'
import type { SlotDatabase } from '../host/slot-database.ts'
import type { Address } from '../server/address.ts'
import type { Stray } from '../server/stray.ts'
import { CloneResets } from './clone-resets.ts'
import { type Clone, endSessions, isCutOff, isLost, leave, makeClone } from './clone.ts'
import { Gate } from './gate.ts'
import type { PostgresHostOptions } from './postgres-host-options.ts'
import { ServerSnapshots } from './server-snapshots.ts'
import { ServerStrays, strayOf } from './server-strays.ts'
import { parametersOf } from './server-url.ts'
import { SlotStage } from './slot-stage.ts'

/** What clients ask the gate for. */
const DATABASE = 'postgres'

const NOTHING: ResetReport = { kind: 'none', relations: 0, duration: 0 }

/**
 * The database of a slot on a server: a clone of the template, made when somebody connects.
 *
 * Whoever asks for its URL before that gets one of a port in this process, which leads there; later ones get that
 * of the server. Resets go over a session of this process: what the application's are busy with does not matter.
 */
export class PostgresHost implements SlotDatabase, ControlledDatabase {
  readonly #options: PostgresHostOptions
  readonly #gate: Gate
  #booting: Promise<Clone> | undefined
  #clone: Clone | undefined
  #tenant: string | undefined
  /** The test that runs. */
  #test: string | undefined
  #closed = false
  #modes: Modes
  readonly #stage: SlotStage
  /** All clients come through the gate. */
  #isGated = false
  readonly #snapshots: ServerSnapshots
  readonly #resets: CloneResets
  /** The server has ended since the last reset: what is known of the reason. */
  #outage: string | undefined
  readonly #strays: ServerStrays
  /** Resets and their like come one after the other. */
  #queue: Promise<unknown> = Promise.resolve()

  constructor(options: PostgresHostOptions) {
    this.#options = options
    this.#modes = options.modes ?? DEFAULT_MODES
    this.#strays = new ServerStrays(options.onStrays)
    this.#stage = new SlotStage(options.onStrays)
    this.#snapshots = new ServerSnapshots(options.slot)
    this.#resets = new CloneResets(this.#stage, this.#snapshots, this.#strays)
    this.#gate = new Gate({
      database: DATABASE,
      lead: async () => {
        const { url, name } = await this.#boot()
        return { address: parametersOf(url), database: name, stage: this.#stage.current }
      },
      onControl: (socket, rest) => rpcOverSocket(socket, hostControl(this), rest),
    })
  }

  get booted(): boolean {
    return this.#clone !== undefined
  }

  get started(): boolean {
    return this.#booting !== undefined
  }

  async listen(): Promise<Address> {
    if (this.#closed) throw databaseClosed()
    return await this.#gate.listen()
  }

  /** The port of the gate, which leads to the database. */
  async open(): Promise<Address> {
    return await this.listen()
  }

  async url(isGated = false): Promise<string> {
    const address = await this.listen()
    const isDirect = this.#clone && !isGated && this.#modes.reset !== 'transaction'
    const gate = isDirect ? undefined : this.#options.store.throughAddress(address, DATABASE)
    this.#isGated = gate !== undefined
    if (this.#modes.reset === 'transaction') this.#assertGated()
    return gate ?? (await this.#boot()).url
  }

  async boot(): Promise<void> {
    await this.#boot()
  }

  async enter(tenant: string, modes: Modes): Promise<ResetReport> {
    const isAnother = this.#tenant !== undefined && this.#tenant !== tenant
    this.#tenant = tenant
    this.#outage = undefined
    const file = wayOfFile(modes)
    if (this.#stage.current) await this.#inTurn(() => this.#stage.leave(this.#test, file))
    if (isAnother && this.#booting) await this.#inTurn(endSessions)
    // A worker that was killed had no time to do it.
    if (isAnother && this.#snapshots.isBased) await this.base(0)
    const report = await this.#putBack(undefined, file)
    this.#modes = modes
    await this.#setStage()
    return report
  }

  async begin(test: string): Promise<void> {
    this.#test = test
    this.#stage.current?.begin()
  }

  /** @throws {ConfigError} `ENGINE_CAPABILITY` when clients go past the gate. */
  async setModes(modes: Modes): Promise<void> {
    if (modes.reset === 'transaction') this.#assertGated()
    if (wayOfFile(modes) === 'fresh') await this.#putBack(undefined, 'fresh')
    this.#modes = modes
    await this.#setStage()
  }

  async reset(test?: string): Promise<ResetReport> {
    const report = await this.#putBack(test, wayOfTest(this.#modes, test))
    this.#stage.current?.begin()
    return report
  }

  /** Commits what the test has done until now; the next reset takes that back as well. */
  async publish(): Promise<void> {
    await this.#inTurn(async () => this.#stage.current?.publish())
  }

  async #putBack(test: string | undefined, way: ResetWay): Promise<ResetReport> {
    if (this.#closed) throw databaseClosed()
    const previous = this.#test
    try {
      return this.#booting && way !== 'none' ? await this.#resetAfter(previous, way) : NOTHING
    } finally {
      // What is found out until here is the doing of the one before.
      this.#test = test
      this.#outage = undefined
    }
  }

  async #resetAfter(previous: string | undefined, way: ResetWay): Promise<ResetReport> {
    return await this.#inTurn(async (clone) => {
      const start = performance.now()
      const outcome = await this.#resets.reset(clone, previous, way)
      const report = { ...outcome, duration: performance.now() - start }
      if (report.kind !== 'none') this.#options.onReset?.({ ...report, test: previous })
      return report
    })
  }

  /**
   * Copies the database. A server copies none that somebody is connected to: all sessions end.
   *
   * @throws {TestDatabaseError} `TEST_TRANSACTION_OPEN`.
   */
  async snapshot(): Promise<number> {
    return await this.#inTurn(async (clone) => {
      await this.#stage.current?.settle()
      await leave(clone)
      return await this.#snapshots.take(clone)
    })
  }

  /** @throws {TestDatabaseError} `TEST_TRANSACTION_OPEN`, `SNAPSHOT_UNUSABLE`. */
  async restore(snapshot: number): Promise<void> {
    const name = this.#snapshots.nameOf(snapshot)
    await this.#inTurn(async (clone) => {
      await this.#stage.current?.settle()
      await leave(clone)
      await this.#resets.keepWhole(clone)
      await clone.baseline.run.databases.clone(name, clone.name)
      clone.rows = new ServerBaseline(clone.connection)
      await clone.rows.acceptRoles()
    })
  }

  async release(snapshot: number): Promise<void> {
    const name = this.#closed ? undefined : this.#snapshots.forget(snapshot)
    if (name !== undefined) await this.#inTurn(({ baseline }) => baseline.run.databases.drop(name))
  }

  /** From now on resets lead to this snapshot; to the baseline again for 0. */
  async base(snapshot: number): Promise<void> {
    this.#snapshots.base(snapshot)
    await this.#inTurn((clone) => this.#resets.cloneAgain(clone))
  }

  /** The snapshot of what seeds have made before; 0 when it is not there. */
  async layer(key: string): Promise<number> {
    return await this.#inTurn((clone) => this.#snapshots.findLayer(clone, key))
  }

  /** What seeds have made is kept. */
  async keepLayer(layer: NewLayer): Promise<void> {
    const dropped = await this.#inTurn((clone) => this.#snapshots.keepLayer(clone, layer))
    if (dropped !== undefined) await this.release(dropped)
  }

  async keep(_folder: string, number: number): Promise<KeptPlace | undefined> {
    if (!this.#clone) return undefined
    return await this.#inTurn(async (clone) => {
      const kept = clone.baseline.run.keptName(number)
      await this.#resets.keep(clone, kept)
      return this.#options.store.keptPlace(clone.baseline, kept)
    })
  }

  /** A reset ends what is in its way by itself; on a stage that would be everything. */
  async unblock(): Promise<void> {
    this.#stage.current?.unblock()
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#gate.close()
    await this.#stage.remove()
    const clone = await this.#booting?.catch(() => undefined)
    if (!clone) return
    await this.#queue.catch(() => {})
    await this.#resets.keepWhole(clone).catch(() => {})
    // The database goes with the run, or its server.
    await clone.connection.close().catch(() => {})
  }

  async #setStage(): Promise<void> {
    const isWanted = this.#modes.reset === 'transaction'
    if (this.#clone) await this.#stage.set(this.#clone, isWanted, this.#test)
  }

  #assertGated(): void {
    if (this.#isGated) return
    throw new ConfigError('ENGINE_CAPABILITY', {
      what: "reset: 'transaction' is not possible here",
      why: 'clients go straight to the server: either its URL asks for TLS, or nothing said in time that they must not',
      fix: 'call pgTest() in the test file itself, or give the mode to PgVitestPlugin(); with TLS, choose another mode',
    })
  }

  /** Unchanged means that nobody has used the database. */
  async countTraffic(): Promise<number> {
    if (!this.#booting) return 0
    return await this.#inTurn(
      async ({ traffic }) => this.#stage.current?.session.traffic ?? (await traffic.count()),
    )
  }

  /** Rolls back the transactions that the test left open, and names them. */
  async endLeaks(): Promise<readonly Stray[]> {
    if (!this.#booting || this.#modes.reset === 'none') return []
    return await this.#inTurn(async (clone) => {
      const stage = this.#stage.current
      if (stage)
        return await stage.endOpen(`The test "${this.#test}" left it open; it was rolled back.`)
      return (await clone.rows.endTransactions()).map(strayOf)
    })
  }

  #noteOutage(clone: Clone, reason: string): void {
    if (this.#closed) return
    clone.outage = reason
    this.#snapshots.clear()
    this.#outage = reason
    this.#options.onOutage?.({ test: this.#test, reason })
  }

  /** The test's process says what the test did not wait for. */
  left(strays: readonly Stray[]): void {
    this.#strays.tell(this.#test, strays)
  }

  /** Why the server has ended since the last reset, when that explains what a test ran into. */
  async findOutage(patience: number): Promise<string | undefined> {
    const clone = this.#clone
    if (!clone || this.#outage !== undefined) return this.#outage
    const answers = await clone.connection.query('SELECT').then(
      () => true,
      () => false,
    )
    await isLost(clone, answers ? patience : undefined)
    return this.#outage
  }

  async #inTurn<T>(work: (clone: Clone) => Promise<T>): Promise<T> {
    const turn = this.#queue.then(async () => {
      const clone = await this.#boot()
      try {
        return await work(clone)
      } catch (error) {
        if (!isCutOff(error) || !(await isLost(clone))) throw error
        return await work(await this.#boot())
      }
    })
    this.#queue = turn.catch(() => {})
    return await turn
  }

  #boot(): Promise<Clone> {
    if (this.#closed) return Promise.reject(databaseClosed())
    if (this.#clone?.outage !== undefined) this.#booting = this.#clone = undefined
    if (!this.#booting) this.#options.onStart?.()
    this.#booting ??= this.#make().catch((error: unknown) => {
      // The store remembers what cannot be built.
      this.#booting = undefined
      throw error
    })
    return this.#booting
  }

  async #make(): Promise<Clone> {
    const { store, slot, connection } = this.#options
    const clone = await makeClone(await store.get(), slot, connection)
    void clone.baseline.ended?.then((reason) => this.#noteOutage(clone, reason))
    this.#clone = clone
    await this.#stage.remove()
    await this.#setStage()
    this.#options.onServer?.()
    this.#options.onBooted?.(undefined)
    return clone
  }
}

import { performance } from 'node:perf_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'

import { FRESH_SESSION } from '../baseline/baseline-sql.ts'
import type { Snapshot } from '../pglite/snapshot.ts'
import type { Address, Transport } from '../server/address.ts'
import type { Admission, Lobby } from '../server/connection.ts'
import { QueryLog } from '../server/query-log.ts'
import { Session } from '../server/session.ts'
import { sessionSettings } from '../server/startup.ts'
import type { Stray } from '../server/stray.ts'
import { WireServer } from '../server/wire-server.ts'
import { reportEarlyWrites } from './early-writes.ts'
import { EngineResets } from './engine-resets.ts'
import { type ControlledDatabase, hostControl } from './host-control.ts'
import { HostEngine } from './host-engine.ts'
import { DATABASE, noDatabase, noSuchDatabase, openTransaction } from './host-errors.ts'
import { HostLayers } from './host-layers.ts'
import type { HostOptions } from './host-options.ts'
import { rpcOverSocket } from './json-lines.ts'
import { DEFAULT_MODES, type Modes, type ResetWay, wayOfFile, wayOfTest } from './modes.ts'
import type { NewLayer, ResetReport } from './protocol.ts'
import { SavedStates } from './saved-states.ts'
import type { TestEngine } from './test-engine.ts'
import { untilQuiet } from './until-quiet.ts'

const OWNER = 'postgres'

// How often a reset is done over, as more of the test before arrived.
const MOST_REPEATS = 3

const NOTHING: ResetReport = { kind: 'none', relations: 0, duration: 0 }

/** One test database: a server that listens at once, and an engine that is booted by the first client. */
export class Host implements Lobby, ControlledDatabase {
  readonly session: Session
  /** What clients have sent since the test began. */
  readonly sent: QueryLog = new QueryLog()
  readonly #options: HostOptions
  readonly #server: WireServer
  readonly #engine: HostEngine
  readonly #resets: EngineResets
  readonly #saved = new SavedStates()
  readonly #layers = new HostLayers({
    snapshot: () => this.snapshot(),
    restore: (snapshot) => this.restore(snapshot),
    release: (snapshot) => this.release(snapshot),
    isThere: async (key) => (await this.#options.material(key)) !== undefined,
    bootFrom: (key) =>
      this.#undisturbed(async () => void (await this.#resets.rebuild('seeds are at hand', key))),
    pack: () => this.#undisturbed((engine) => engine.pack()),
    onLayer: (layer) => this.#options.onLayer?.(layer),
  })
  #modes: Modes
  /** The session's traffic when the baseline was in place last. */
  #cleanAt = 0
  /** Nobody had used it then. */
  #isFresh = false
  #broken = false
  /** No test has begun since a test worker took the database. */
  #isEarly = true
  /** The test that runs. */
  #test: string | undefined
  /** The test before it. */
  #dirtiedBy: string | undefined

  constructor(options: HostOptions) {
    this.#options = options
    this.#modes = options.modes ?? DEFAULT_MODES
    this.session = new Session({
      freshSession: FRESH_SESSION,
      waitLimit: options.waitLimit,
      onBroken: (reason) => {
        this.#broken = true
        options.onBroken(reason)
      },
    })
    this.#engine = new HostEngine({
      session: this.session,
      material: options.material,
      pulse: options.pulse,
      onBooted: async (warning) => {
        this.#cleanAt = this.session.traffic
        this.#isFresh = true
        await this.#takeModes(this.#modes)
        options.onBooted(warning)
      },
      onDiscarded: () => {
        this.#saved.clear()
        this.#layers.clear()
      },
    })
    this.#resets = new EngineResets(this.#engine, this.session, this.#saved)
    this.#server = new WireServer({
      lobby: this,
      onControl: (socket, rest) => rpcOverSocket(socket, hostControl(this), rest),
    })
  }

  /** Who hears what clients send. */
  get log(): QueryLog | undefined {
    return this.#options.log === false ? undefined : this.sent
  }

  get onAnswered(): (() => void) | undefined {
    return this.#options.onAnswered
  }

  /** Listens for clients, and returns where: see {@link WireServer.listen}. */
  listen(transport?: Transport, address?: Address): Promise<Address> {
    return this.#server.listen(transport, address)
  }

  /** Boots the engine unless it runs. Remembers no failure: the snapshot's owner does. */
  boot(): Promise<void> {
    return this.#engine.boot()
  }

  async admit(parameters: ReadonlyMap<string, string>): Promise<Admission> {
    const database = parameters.get('database') ?? parameters.get('user')
    if (database !== DATABASE) {
      throw noSuchDatabase(database)
    }
    try {
      await this.boot()
    } catch (error) {
      throw noDatabase(error)
    }
    return {
      greeting: this.#engine.current?.wire.greeting ?? Buffer.alloc(0),
      settings: sessionSettings(parameters, OWNER),
    }
  }

  /** A test worker takes the database. */
  async enter(tenant: string, modes: Modes): Promise<ResetReport> {
    this.#server.tenant = tenant
    this.#server.endOtherTenants()
    this.#saved.clear(this.#layers.numbers)
    if (this.#saved.base > 0 || this.#engine.layer !== undefined) this.base(0)
    const report = await this.#putBack(undefined, wayOfFile(modes))
    await this.#takeModes(modes)
    this.#isEarly = true
    return report
  }

  /** Changes the modes for the file that has just begun. */
  async setModes(modes: Modes): Promise<void> {
    if (wayOfFile(modes) === 'fresh') {
      await this.#putBack(undefined, 'fresh')
      this.#isEarly = true
    }
    await this.#takeModes(modes)
  }

  /** Says which test runs: it began before there was anything to reset. */
  begin(test: string): void {
    this.#test = test
    this.#isEarly = false
    this.#engine.transaction?.begin()
    this.#options.pulse?.enter(test)
  }

  /**
   * Puts the database back to its baseline, for the test that comes.
   *
   * Open transactions are rolled back first. When a test changed more than rows, the whole state of the
   * engine is restored; where that cannot be done, the database is replaced by a new one.
   */
  async reset(test: string | undefined): Promise<ResetReport> {
    const report = await this.#putBack(test, wayOfTest(this.#modes, test))
    this.#engine.transaction?.begin()
    return report
  }

  /**
   * Commits what the test has done until now; the next reset takes that back as well.
   *
   * @throws {TestDatabaseError} `TEST_TRANSACTION_OPEN` when a connection is in a transaction.
   */
  async publish(): Promise<void> {
    await this.boot()
    await this.#undisturbed(async () => this.#engine.transaction?.publish())
  }

  async #putBack(test: string | undefined, way: ResetWay): Promise<ResetReport> {
    const isEarly = this.#isEarly
    this.#isEarly = false
    this.#dirtiedBy = this.#test
    this.#test = test
    this.#options.pulse?.enter(test)
    if (!this.#engine.isStarted || way === 'none') return NOTHING
    let report = await this.#putBackOnce(test, way, isEarly)
    for (let again = 0; again < MOST_REPEATS; again++) {
      // The test that comes waits for the answer: what arrives meanwhile is still of the one before.
      await nextTurn()
      if (!this.session.isBusy && this.session.traffic === this.#cleanAt) break
      const { kind, relations, duration } = await this.#putBackOnce(test, way, false)
      if (kind === 'none') break
      report = { kind, relations, duration: report.duration + duration }
    }
    // What has arrived meanwhile was still of the test before.
    this.sent.clear()
    return report
  }

  async #putBackOnce(
    test: string | undefined,
    way: ResetWay,
    isEarly: boolean,
  ): Promise<ResetReport> {
    // Asking a broken engine could block this thread for ever; its end answers the caller.
    if (this.#broken) return await new Promise(() => {})
    const previous = this.#dirtiedBy
    await untilQuiet(this.session)
    await this.#engine.settle()
    const strays = await this.session.evict(
      previous === undefined
        ? 'It was left open and rolled back before a test.'
        : `The test "${previous}" left it open; it was rolled back before the next test.`,
    )
    if (strays.length > 0) this.#options.onStrays({ test: previous, strays })
    const isUsed = this.session.traffic !== this.#cleanAt
    if (!isUsed && (way !== 'fresh' || this.#isFresh)) return NOTHING
    return await this.session.exclusively(async () => {
      this.#options.pulse?.setOwn(true)
      try {
        await this.session.keepSettings(isEarly)
        if (isEarly && this.#engine.current && test !== undefined)
          await reportEarlyWrites(this.#engine.current.wire, test, this.#options.onEarlyWrites)
        return await this.#restore(way)
      } finally {
        this.#options.pulse?.setOwn(false)
      }
    })
  }

  /** Unchanged means that nobody has used the database. */
  countTraffic(): number {
    return this.session.traffic
  }

  /** Rolls back the transactions that the test left open, and names them. */
  async endLeaks(): Promise<Stray[]> {
    if (!this.#engine.isStarted || this.#broken || this.#modes.reset === 'none') return []
    await nextTurn()
    await this.#engine.settle()
    return await this.session.evict(`The test "${this.#test}" left it open; it was rolled back.`)
  }

  /** The test's process says what the test did not wait for. */
  left(strays: readonly Stray[]): void {
    this.#options.onStrays({ test: this.#test, strays })
  }

  /** What seeds made, if it is known. */
  async layer(key: string): Promise<number> {
    await this.boot()
    return await this.#layers.enter(key, this.#saved.base === 0)
  }

  /** Keeps what seeds have made. */
  async keepLayer(layer: NewLayer): Promise<void> {
    await this.#layers.keep(layer, this.#saved.base === 0)
  }

  /** A copy of the database as it is now, without what is in open transactions. */
  async dump(): Promise<Snapshot | undefined> {
    if (this.#broken) return undefined
    const { session } = this
    return await session.exclusively(async () => {
      const engine = this.#engine.current
      // Nobody else would see what is in the test's transaction.
      if (!session.transaction) await this.#engine.transaction?.publish()
      // Else whoever recovers finds sequences ahead of what they gave out. In a transaction it must do.
      if (!session.transaction) await engine?.wire.query('CHECKPOINT')
      session.statements.loseUnnamed()
      return engine?.dump()
    })
  }

  /**
   * Notes everything that is in the database now, under a number. It is kept until it is released, or
   * another worker takes the database.
   *
   * @throws {TestDatabaseError} `TEST_TRANSACTION_OPEN` when a connection is in a transaction.
   */
  async snapshot(): Promise<number> {
    await this.boot()
    return await this.#undisturbed(async (engine) => {
      await this.#engine.transaction?.publish()
      return await this.#saved.save(engine)
    })
  }

  /**
   * Puts the database back to what it was at that moment. Connections stay; their settings and temporary
   * tables go, as at a reset.
   *
   * @throws {TestDatabaseError} `TEST_TRANSACTION_OPEN` when a connection is in a transaction, `SNAPSHOT_UNUSABLE`
   *   when the snapshot has been released, or something has happened since that cannot be undone.
   */
  async restore(snapshot: number): Promise<void> {
    await this.boot()
    await this.#undisturbed(async () => {
      await this.#engine.transaction?.publish()
      await this.#saved.restore(snapshot).catch(async (error: unknown) => {
        if (this.#saved.isBroken) await this.#resets.rebuild()
        throw error
      })
      this.#cleanAt = -1
      await this.session.use(this.#engine.wire)
    })
  }

  release(snapshot: number): void {
    this.#saved.release(snapshot)
  }

  /** From now on resets lead to this snapshot; to the baseline again for 0. */
  base(snapshot: number): void {
    this.#saved.base = snapshot
    this.#cleanAt = -1
    this.#isEarly = false
  }

  /** Runs work while no connection uses the engine, and none is in a transaction. */
  async #undisturbed<T>(work: (engine: TestEngine) => Promise<T>): Promise<T> {
    // What was sent without waiting is seen.
    await nextTurn()
    return await this.session.exclusively(async () => {
      const { transaction } = this.session
      if (transaction) throw openTransaction(transaction)
      const engine = this.#engine.current
      if (!engine) throw new Error('the database has been closed')
      return await work(engine)
    })
  }

  async close(): Promise<void> {
    await this.#server.close()
    await this.#engine.discard()
  }

  async #restore(way: ResetWay): Promise<ResetReport> {
    const start = performance.now()
    const outcome = await this.#resets.reset(way)
    this.#cleanAt = this.session.traffic
    this.#isFresh = outcome.kind !== 'rows'
    const report = { ...outcome, duration: performance.now() - start }
    this.#options.onReset?.({ ...report, test: this.#dirtiedBy })
    return report
  }

  /** The baseline is in place. */
  async #takeModes(modes: Modes): Promise<void> {
    this.#modes = modes
    await this.#engine.serve(modes.reset === 'transaction', !this.#isEarly)
  }
}

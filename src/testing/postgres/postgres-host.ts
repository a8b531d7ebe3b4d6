import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'

import { ConfigError, TestDatabaseError } from '../../errors.ts'
import { ServerBaseline, type ServerReset } from '../baseline/server-baseline.ts'
import type { KeptPlace } from '../failed/kept-database.ts'
import { rpcOverSocket } from '../host/json-lines.ts'
import { DEFAULT_MODES, type Modes, type ResetWay, wayOfFile, wayOfTest } from '../host/modes.ts'
import type { NewLayer, ResetReport } from '../host/protocol.ts'
import type { SlotDatabase } from '../host/slot-database.ts'
import type { Address } from '../server/address.ts'
import type { Stray } from '../server/stray.ts'
import {
  begin,
  type Clone,
  endSessions,
  isCutOff,
  isFresh,
  isLost,
  leave,
  makeClone,
} from './clone.ts'
import { Gate } from './gate.ts'
import { keepRows, keepWhole } from './keep-clone.ts'
import type { PostgresHostOptions } from './postgres-host-options.ts'
import { ServerLayers } from './server-layers.ts'
import { ServerStrays, strayOf } from './server-strays.ts'
import { parametersOf } from './server-url.ts'
import { TransactionStage } from './transaction-stage.ts'

/** What clients ask the gate for. */
const DATABASE = 'postgres'

// Milliseconds.
const PATIENCE = 2000

const NOTHING: ResetReport = { kind: 'none', relations: 0, duration: 0 }

/**
 * The database of a slot on a server: a clone of the template, made when somebody connects.
 *
 * Whoever asks for its URL before that gets one of a port in this process, which leads there; later ones get that
 * of the server. Resets go over a session of this process: what the application's are busy with does not matter.
 */
export class PostgresHost implements SlotDatabase {
  readonly #options: PostgresHostOptions
  readonly #gate: Gate
  #booting: Promise<Clone> | undefined
  #clone: Clone | undefined
  #tenant: string | undefined
  /** The test that runs. */
  #test: string | undefined
  #closed = false
  #modes: Modes
  /** Where tests are transactions: what serves clients, all of which come through the gate. */
  #stage: TransactionStage | undefined
  #isGated = false
  readonly #snapshots = new Map<number, string>()
  #lastSnapshot = 0
  #layers = this.#newLayers()
  /** The database that resets lead to, when that is not the template. */
  #base: string | undefined
  /** The server has ended since the last reset: what is known of the reason. */
  #outage: string | undefined
  readonly #strays: ServerStrays
  /** The name under which the database is to be kept, instead of being dropped. */
  #keptAs: string | undefined
  /** Resets and their like come one after the other. */
  #queue: Promise<unknown> = Promise.resolve()

  constructor(options: PostgresHostOptions) {
    this.#options = options
    this.#modes = options.modes ?? DEFAULT_MODES
    this.#strays = new ServerStrays(options.onStrays)
    this.#gate = new Gate({
      database: DATABASE,
      lead: async () => {
        const { url, name } = await this.#boot()
        return { address: parametersOf(url), database: name, stage: this.#stage }
      },
      onControl: (socket, rest) => this.#serveControl(socket, rest),
    })
  }

  get booted(): boolean {
    return this.#clone !== undefined
  }

  get started(): boolean {
    return this.#booting !== undefined
  }

  async listen(): Promise<Address> {
    if (this.#closed) throw closedError()
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
    if (this.#stage) await this.#inTurn(() => this.#leaveStage(this.#test, file))
    if (isAnother && this.#booting) await this.#inTurn(endSessions)
    // A worker that was killed had no time to do it.
    if (isAnother && this.#base !== undefined) await this.base(0)
    const report = await this.#putBack(undefined, file)
    this.#modes = modes
    await this.#takeStage()
    return report
  }

  async begin(test: string): Promise<void> {
    this.#test = test
    this.#stage?.begin()
  }

  /** @throws {ConfigError} `ENGINE_CAPABILITY` when clients go past the gate. */
  async setModes(modes: Modes): Promise<void> {
    if (modes.reset === 'transaction') this.#assertGated()
    if (wayOfFile(modes) === 'fresh') await this.#putBack(undefined, 'fresh')
    this.#modes = modes
    await this.#takeStage()
  }

  async reset(test?: string): Promise<ResetReport> {
    const report = await this.#putBack(test, wayOfTest(this.#modes, test))
    this.#stage?.begin()
    return report
  }

  /** Commits what the test has done until now; the next reset takes that back as well. */
  async publish(): Promise<void> {
    await this.#inTurn(async () => this.#stage?.publish())
  }

  async #putBack(test: string | undefined, way: ResetWay): Promise<ResetReport> {
    if (this.#closed) throw closedError()
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
      const outcome = await this.#restore(clone, previous, way)
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
      await this.#stage?.settle()
      await leave(clone)
      const number = ++this.#lastSnapshot
      const name = clone.baseline.run.nameOf(`${this.#options.slot} snapshot ${number}`)
      await clone.baseline.run.databases.clone(clone.name, name)
      this.#snapshots.set(number, name)
      return number
    })
  }

  /** @throws {TestDatabaseError} `TEST_TRANSACTION_OPEN`, `SNAPSHOT_UNUSABLE`. */
  async restore(snapshot: number): Promise<void> {
    const name = this.#nameOf(snapshot)
    await this.#inTurn(async (clone) => {
      await this.#stage?.settle()
      await leave(clone)
      await this.#keepWhole(clone)
      await clone.baseline.run.databases.clone(name, clone.name)
      clone.rows = new ServerBaseline(clone.connection)
      await clone.rows.acceptRoles()
    })
  }

  async release(snapshot: number): Promise<void> {
    const name = this.#snapshots.get(snapshot)
    if (name === undefined || this.#closed) return
    this.#snapshots.delete(snapshot)
    // Templates are everybody's.
    if (!this.#layers.isShared(name))
      await this.#inTurn(({ baseline }) => baseline.run.databases.drop(name))
  }

  /** From now on resets lead to this snapshot; to the baseline again for 0. */
  async base(snapshot: number): Promise<void> {
    this.#base = snapshot === 0 ? undefined : this.#nameOf(snapshot)
    await this.#inTurn((clone) => this.#cloneAgain(clone))
  }

  /** Sessions stay: see {@link keepRows}. After a change of the schema it is done at the next reset, which ends them. */
  async keep(_folder: string, number: number): Promise<KeptPlace | undefined> {
    if (!this.#clone) return undefined
    return await this.#inTurn(async (clone) => {
      // Nobody else would see what is in the test's transaction.
      await this.#stage?.publish().catch(() => {})
      const { run, url } = clone.baseline
      const kept = run.keptName(number)
      const template = this.#origin(clone)
      if (!(await keepRows({ ...clone, run, template, url }, kept))) this.#keptAs = kept
      return this.#options.store.keptPlace(clone.baseline, kept)
    })
  }

  /** A reset ends what is in its way by itself; on a stage that would be everything. */
  async unblock(): Promise<void> {
    this.#stage?.unblock()
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#gate.close()
    await this.#stage?.clear()
    const clone = await this.#booting?.catch(() => undefined)
    if (!clone) return
    await this.#queue.catch(() => {})
    await this.#keepWhole(clone).catch(() => {})
    // The database goes with the run, or its server.
    await clone.connection.close().catch(() => {})
  }

  /** What seeds have made is kept. */
  async #keep(layer: NewLayer): Promise<void> {
    const name = this.#nameOf(layer.snapshot)
    const dropped = await this.#inTurn(({ baseline }) => this.#layers.keep(baseline, layer, name))
    if (dropped !== undefined) await this.release(dropped)
  }

  #serveControl(socket: Socket, rest: Buffer): void {
    const commands = {
      begin: (test: string) => this.begin(test),
      reset: (test: string) => this.reset(test),
      traffic: () => this.#countTraffic(),
      publish: () => this.publish(),
      leaks: () => this.#endLeaks(),
      snapshot: () => this.snapshot(),
      restore: (snapshot: number) => this.restore(snapshot),
      release: (snapshot: number) => this.release(snapshot),
      base: (snapshot: number) => this.base(snapshot),
      outage: (patience: number) => this.#findOutage(patience),
      layer: (key: string) => this.#inTurn(({ baseline }) => this.#layers.find(baseline, key)),
      keep: (layer: NewLayer) => this.#keep(layer),
      left: (strays: readonly Stray[]) => {
        this.#strays.tell(this.#test, strays)
      },
    }
    rpcOverSocket(socket, commands, rest)
  }

  async #restore(
    clone: Clone,
    previous: string | undefined,
    way: ResetWay,
  ): Promise<Omit<ResetReport, 'duration'>> {
    const relationsBack = await this.#leaveStage(previous, way)
    if (relationsBack !== undefined) return { kind: 'rows', relations: relationsBack }
    if (this.#keptAs !== undefined) return await this.#leaveBehind(clone, previous)
    if ((way === 'fresh' || way === 'clone') && (await isFresh(clone))) return NOTHING
    clone.freshAt = undefined
    if (way === 'fresh' || way === 'clone') {
      this.#strays.tellEnded(previous, await clone.rows.endTransactions())
      await this.#cloneAgain(clone)
      return { kind: 'full', relations: 0 }
    }
    const { relations, ended, changes } = await clone.rows.reset()
    const change = changeOf(changes)
    const note = changes[0]?.reason
    this.#strays.tellEnded(previous, ended)
    const isTouched = relations > 0 || ended.length > 0
    if (change === undefined && !(way === 'full' && isTouched)) {
      // Roles and the like are the server's, and stay.
      const kind = isTouched || note !== undefined ? 'rows' : 'none'
      return { kind, relations, ...(note !== undefined && { reason: note }) }
    }
    await this.#cloneAgain(clone, change)
    return { kind: 'full', relations: 0, ...(change !== undefined && { reason: change }) }
  }

  /** A test's transaction is over. How many sequences were put back, when that is all there is to do. */
  async #leaveStage(test: string | undefined, way: ResetWay): Promise<number | undefined> {
    const stage = this.#stage
    if (!stage?.isActive) return undefined
    // The test that ran a statement is over; it need not end by itself.
    const impatience = setInterval(() => stage.unblock(), PATIENCE)
    const strays = await stage
      .endOpen(`The test "${test}" left it open; it was rolled back before the next test.`)
      .finally(() => clearInterval(impatience))
    if (strays.length > 0) this.#options.onStrays({ test, strays })
    const relations = await stage.rollBack()
    if (way === 'transaction' && relations !== undefined) return relations
    await stage.clear()
    return undefined
  }

  /** Clients are served as the modes want it from now on: those that are there must come again. */
  async #takeStage(): Promise<void> {
    const isWanted = this.#modes.reset === 'transaction'
    if (!this.#clone || isWanted === (this.#stage !== undefined)) return
    await this.#stage?.clear()
    const { url, baseline, rows } = this.#clone
    const { role: owner, major } = baseline.run.facts
    const named = (sql: string): Promise<string> => rows.named(sql)
    this.#stage = isWanted
      ? new TransactionStage({ url, owner, named, version: major * 10_000 })
      : undefined
    if (this.#stage && this.#test !== undefined) this.#stage.begin()
    if (isWanted) await endSessions(this.#clone)
  }

  #assertGated(): void {
    if (this.#isGated) return
    throw new ConfigError('ENGINE_CAPABILITY', {
      what: "reset: 'transaction' is not possible here",
      why: 'clients go straight to the server: either its URL asks for TLS, or nothing said in time that they must not',
      fix: 'call pgTest() in the test file itself, or give the mode to PgVitestPlugin(); with TLS, choose another mode',
    })
  }

  async #countTraffic(): Promise<number> {
    if (!this.#booting) return 0
    return await this.#inTurn(
      async ({ traffic }) => this.#stage?.session.traffic ?? (await traffic.count()),
    )
  }

  /** The database stays as it is, for somebody who wants to see it; the next test gets another. */
  async #leaveBehind(
    clone: Clone,
    previous: string | undefined,
  ): Promise<Omit<ResetReport, 'duration'>> {
    const ended = await clone.rows.endTransactions()
    this.#strays.tellEnded(previous, ended)
    const reason = 'the schema or the like was changed; the database is kept'
    await this.#cloneAgain(clone, reason)
    return { kind: 'full', relations: 0, reason }
  }

  async #keepWhole({ baseline, name, connection }: Clone): Promise<void> {
    const kept = this.#keptAs
    this.#keptAs = undefined
    if (kept === undefined) return
    await connection.close()
    await keepWhole(baseline, name, kept)
  }

  /** What the tests begin with. */
  #origin({ baseline }: Clone): string {
    return this.#base ?? baseline.template.name
  }

  async #cloneAgain(clone: Clone, reason = 'asked for'): Promise<void> {
    try {
      await this.#stage?.settle()
      await clone.connection.close()
      await this.#keepWhole(clone)
      await clone.baseline.run.databases.clone(this.#origin(clone), clone.name)
      await begin(clone, this.#base !== undefined)
    } catch (cause) {
      throw new TestDatabaseError('RESET_FAILED', {
        what: 'the test database could not be reset',
        why: `${reason}; then it could not be cloned again: ${String(cause)}`,
        note: await clone.baseline.run.databases.sessions(clone.name),
        fix: 'run the tests again; if it stays, report it with the statements of the last test',
        cause,
      })
    }
  }

  #nameOf(snapshot: number): string {
    const name = this.#snapshots.get(snapshot)
    if (name !== undefined) return name
    throw new TestDatabaseError('SNAPSHOT_UNUSABLE', {
      what: 'there is no such snapshot',
      why: 'it was released, or is of another database',
      fix: 'take another one',
    })
  }

  async #endLeaks(): Promise<readonly Stray[]> {
    if (!this.#booting || this.#modes.reset === 'none') return []
    return await this.#inTurn(async (clone) => {
      const stage = this.#stage
      if (stage)
        return await stage.endOpen(`The test "${this.#test}" left it open; it was rolled back.`)
      return (await clone.rows.endTransactions()).map(strayOf)
    })
  }

  #newLayers(): ServerLayers {
    return new ServerLayers((name) => {
      this.#snapshots.set(++this.#lastSnapshot, name)
      return this.#lastSnapshot
    })
  }

  #noteOutage(clone: Clone, reason: string): void {
    if (this.#closed) return
    clone.outage = reason
    // They were databases of that server.
    this.#snapshots.clear()
    this.#layers = this.#newLayers()
    this.#outage = reason
    this.#options.onOutage?.({ test: this.#test, reason })
  }

  /** Why the server has ended since the last reset, when that explains what a test ran into. */
  async #findOutage(patience: number): Promise<string | undefined> {
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
    if (this.#closed) return Promise.reject(closedError())
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
    await this.#stage?.clear()
    this.#stage = undefined
    await this.#takeStage()
    this.#options.onServer?.()
    this.#options.onBooted?.(undefined)
    return clone
  }
}

/** Why the database must be cloned again; undefined when it need not. */
function changeOf(changes: ServerReset['changes']): string | undefined {
  return changes.find((change) => change.of === 'database')?.reason
}

function closedError(): TestDatabaseError {
  return new TestDatabaseError('TEST_DATABASE_FAILED', {
    what: 'the test database is closed',
    fix: 'use it before it is closed, or create another one',
  })
}

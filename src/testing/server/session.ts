import { copyInResponse, cstring, message, type ServerError } from './backend-messages.ts'
import { type Engine, EngineError } from './engine.ts'
import type { RunUnit, Unit } from './inbox.ts'
import { Listeners } from './listeners.ts'
import { brokenDown, CANCELLED, failureInPlaceOf, lostTransaction, refuseUnit } from './refusals.ts'
import { finalStatus, firstError, without, withoutLeading } from './replies.ts'
import type { SessionOptions } from './session-options.ts'
import { SessionState } from './session-state.ts'
import { StatementLife } from './statement-life.ts'
import type { Stray } from './stray.ts'
import { Touch } from './touches.ts'
import { VainWaits } from './vain-waits.ts'
import { type Guest, isUntroubled, newVisit, type Visit } from './visit.ts'
import { WaitingLine } from './waiting-line.ts'

const SYNC = message('S')
const ROLLBACK = message('Q', cstring('ROLLBACK'))

// Milliseconds of turns after which sockets and commands get their share of the thread.
const SLICE = 20

/**
 * Shares one PostgreSQL session between any number of connections.
 *
 * A connection has the session to itself from the first message of a sequence to its Sync, and from
 * BEGIN to COMMIT; everyone else waits in order of arrival. A wait that cannot end, because nothing
 * comes from the connection that is in its transaction, becomes an error.
 */
export class Session {
  readonly statements: StatementLife = new StatementLife()
  readonly #options: SessionOptions
  readonly #state: SessionState
  readonly #listeners = new Listeners()
  readonly #visits = new Map<Guest, Visit>()
  #engine: Engine | undefined
  readonly #waiting: WaitingLine
  /** Connections that have gone, and left something. */
  readonly #departed: Visit[] = []
  #owner: Visit | undefined
  #ownerActiveAt = 0
  #running: Visit | undefined
  #working: Promise<void> | undefined
  readonly #vainWaits: VainWaits
  #traffic = 0

  constructor(options: SessionOptions) {
    this.#options = options
    this.#state = new SessionState(options.freshSession)
    this.#waiting = new WaitingLine(this.#visits, options)
    this.#vainWaits = new VainWaits(this.#waiting, {
      owner: () => this.#owner && { visit: this.#owner, activeAt: this.#ownerActiveAt },
      isWorking: () => this.#working !== undefined,
      refuse: (visit, error) => this.#refuse(visit, error),
    })
  }

  /** Counts the units that clients ran: unchanged means that nothing can have changed. */
  get traffic(): number {
    return this.#traffic
  }

  /** The transaction that is open, if any. */
  get transaction(): Stray | undefined {
    const owner = this.#owner
    return owner && { kind: 'transaction', connection: owner.guest.label, query: owner.query }
  }

  /** Something is run, or waits for it and can be. */
  get isBusy(): boolean {
    return this.#working !== undefined || (!this.#owner && !this.#waiting.isEmpty)
  }

  /**
   * Takes an engine into use: at the start, in place of a broken one, or the same one when its session
   * is as new. Connections stay, and what they prepared and listen to is put back.
   */
  async use(engine: Engine): Promise<void> {
    this.statements.end()
    if (this.#owner) this.#owner.lost = 'The engine was replaced.'
    this.#owner = undefined
    await this.#state.use(engine)
    await this.#listeners.restore(engine)
    this.#engine = engine
    this.#waiting.wake()
    void this.#work()
  }

  /** Something arrived from a connection. */
  notice(guest: Guest): void {
    const visit = this.#visit(guest)
    if (visit === this.#owner) this.#ownerActiveAt = Date.now()
    if (guest.inbox.isEmpty || this.#serveAtOnce(visit)) return
    if (visit !== this.#owner && !this.#waiting.has(visit)) this.#waiting.join(visit)
    void this.#work()
  }

  /** A connection has gone: its transaction is rolled back, its statements are closed. */
  async leave(guest: Guest): Promise<void> {
    const visit = this.#visits.get(guest)
    if (!visit) return
    this.#visits.delete(guest)
    this.#waiting.leave(visit)
    this.#departed.push(visit)
    await this.exclusively(async () => {
      if (this.#owner === visit) await this.#rollBack()
      await this.#cleanUp()
    })
  }

  /** A cancel request: takes back what waits. What an embedded engine runs has finished when this is read. */
  cancel(guest: Guest): void {
    const visit = this.#visits.get(guest)
    if (visit && this.#running === visit) this.cancelRunning()
    if (!visit || guest.inbox.isEmpty) return
    if (this.#waiting.has(visit) && !visit.inSequence) this.#refuse(visit, CANCELLED)
    else visit.cancelled = true
  }

  /** Breaks off the statement of a client that runs now, where the engine can do that. */
  cancelRunning(): void {
    if (this.#running) this.#engine?.cancel?.()
  }

  /** Runs work between two turns, while no connection uses the engine. */
  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    while (this.#working) await this.#working
    const result = work()
    this.#working = Promise.allSettled([result]).then(() => {
      this.#working = undefined
      return void this.#work()
    })
    return await result
  }

  /**
   * Ends open transactions and lets those run who waited for them, until the session is free.
   *
   * @param reason told to a connection whose transaction is gone when it goes on with it.
   */
  async evict(reason: string): Promise<Stray[]> {
    const strays: Stray[] = []
    for (const { visit, error } of this.#waiting.locks.all(reason)) this.#refuse(visit, error)
    for (;;) {
      while (this.#working) await this.#working
      const [owner, { transaction }] = [this.#owner, this]
      if (!owner || !transaction) return strays
      strays.push(transaction)
      await this.exclusively(async () => {
        owner.lost = reason
        await this.#rollBack()
      })
    }
  }

  /** Before a reset: what connections have set, `all` or new ones, stays. To be called `exclusively`. */
  async keepSettings(all: boolean): Promise<void> {
    await this.#state.keep(all)
    this.statements.loseUnnamed()
  }

  /** The session was reset: settings, temporary relations and advisory locks of all are gone. */
  forgetSettings(inForce?: string): void {
    this.#state.forget(inForce)
    this.statements.loseUnnamed()
    this.#waiting.wake()
  }

  #visit(guest: Guest): Visit {
    const visit = this.#visits.get(guest) ?? newVisit(guest)
    this.#visits.set(guest, visit)
    return visit
  }

  /** Removes what connections that have gone left in the session, once that is free. */
  async #cleanUp(): Promise<void> {
    const engine = this.#engine
    if (!engine) return
    while (!this.#owner) {
      const visit = this.#departed.shift()
      if (!visit) return
      if (visit.belongings) await this.#state.leave(visit.belongings)
      await this.#listeners.leave(visit.guest, engine)
      const closing = visit.guest.inbox.statements.closeAll()
      if (closing.length > 0) await engine.exec([...closing, SYNC])
      this.#waiting.wake()
    }
  }

  async #rollBack(): Promise<void> {
    const owner = this.#owner
    if (owner) owner.failed = owner.inSequence = false
    this.#owner = undefined
    // The Sync ends a sequence that was left half-way.
    const answer = await this.#engine?.exec([SYNC])
    if (answer && finalStatus(answer) !== 'I') await this.#engine?.exec([ROLLBACK])
    if (owner && this.#engine) await this.#listeners.after(owner.guest, this.#engine)
  }

  #work(): Promise<void> {
    // A turn may end a connection, and that must find this promise: turns begin after it is there.
    this.#working ??= Promise.resolve()
      .then(() => this.#takeTurns())
      .finally(() => {
        this.#working = undefined
        this.#vainWaits.watch()
      })
    return this.#working
  }

  async #takeTurns(): Promise<void> {
    let sliceEnd = Date.now() + SLICE
    while (this.#engine) {
      if (this.#departed.length > 0) await this.#cleanUp()
      const visit = this.#owner ?? this.#waiting.next()
      // A congested client says so when it is ready again.
      const unit = visit?.guest.congested ? undefined : visit?.guest.inbox.next()
      if (!visit || (!unit && visit === this.#owner)) return
      if (!unit) continue
      await this.#serve(visit, unit)
      if (visit !== this.#owner && !visit.guest.inbox.isEmpty && !this.#waiting.has(visit)) {
        this.#waiting.join(visit)
      }
      if (Date.now() > sliceEnd) {
        await new Promise((resolve) => setImmediate(resolve))
        sliceEnd = Date.now() + SLICE
      }
    }
  }

  async #serve(visit: Visit, unit: Unit): Promise<void> {
    switch (unit.kind) {
      case 'terminate':
        return visit.guest.end()
      case 'answer':
        return visit.guest.send(unit.bytes)
      case 'open-copy':
        if (visit.failed) visit.guest.inbox.refuseCopy()
        else visit.guest.send(copyInResponse(unit.binary))
        return
      case 'run': {
        const loss = visit.lost === undefined ? undefined : lostTransaction(unit, visit.lost)
        visit.lost = undefined
        // Until the Sync everything is skipped.
        if (visit.failed && unit.simple) return
        if (loss) refuseUnit(visit.guest, unit, loss)
        else await this.#run(visit, unit)
      }
    }
  }

  /**
   * Most of the time a connection has one thing to be run, nobody else is there, and nothing has to be looked at:
   * then it is answered before this returns, as a client waits for every step that is taken before.
   *
   * @returns false when it must be served in its turn.
   */
  #serveAtOnce(visit: Visit): boolean {
    const { guest } = visit
    const unit = guest.inbox.only
    const exec = this.#engine?.execAtOnce
    if (!unit || !exec || !this.#isUnremarkable(visit, unit)) return false
    guest.inbox.next()
    visit.query = unit.sql
    this.#traffic++
    const replay = this.statements.replay(guest.inbox, unit)
    const answer = replay.strip(exec(replay.messages))
    this.#ownerActiveAt = Date.now()
    if (unit.sync && !finalStatus(answer)) this.#breakDown(visit, answer)
    else {
      guest.send(answer)
      this.#conclude(visit, unit, answer)
    }
    if (!this.#owner && !this.#waiting.isEmpty) void this.#work()
    else this.#vainWaits.watch()
    return true
  }

  /** Nothing is to be done before the unit or after it, and nobody is told anything. */
  #isUnremarkable(visit: Visit, unit: RunUnit): boolean {
    return (
      !this.#working &&
      (this.#owner ? this.#owner === visit : this.#waiting.isEmpty) &&
      this.#departed.length === 0 &&
      !unit.copy &&
      isUntroubled(visit) &&
      !this.#listeners.isActive &&
      this.#state.isUntouchedBy(visit.belongings, unit) &&
      !this.#waiting.has(visit)
    )
  }

  async #run(visit: Visit, unit: RunUnit): Promise<void> {
    const { guest } = visit
    const engine = this.#engine
    if (!engine) return
    visit.query = unit.sql
    this.#traffic++
    if (!this.#owner && !(await this.#enter(visit, unit))) return
    const touches = visit.belongings ? this.#state.touch(visit.belongings, unit) : unit.touches
    if (touches > 0) await this.#prepare(engine, visit, unit, touches)
    this.#running = visit
    let answer = await this.#exec(engine, visit, unit)
    this.#running = undefined
    this.#ownerActiveAt = Date.now()
    if (unit.sync && !finalStatus(answer)) return this.#breakDown(visit, answer)
    if (touches & Touch.identity) {
      const told = await this.#waiting.locks.judge(engine, visit, unit, answer, !this.#owner)
      if (!told) return
      answer = told
      this.#waiting.wake()
    }

    this.#conclude(visit, unit, answer)
    if (unit.sync && engine.isOneTransaction) this.statements.loseUnnamed()
    answer = this.#listeners.route(answer, guest, guest.id)
    if (unit.sync && !this.#owner) {
      await this.#listeners.after(guest, engine)
      if (unit.touches & Touch.settings && visit.belongings) {
        await this.#state.afterReset(visit.belongings, unit.texts)
      }
    }
    guest.send(answer)
  }

  /** Draws the conclusions of what was run: whose turn it is, and what is prepared. */
  #conclude(visit: Visit, unit: RunUnit, answer: Buffer): void {
    if (unit.sync) {
      visit.failed = false
      this.#owner = finalStatus(answer) === 'I' ? undefined : visit
    } else {
      visit.failed ||= firstError(answer) !== undefined
      this.#owner = visit
    }
    visit.inSequence = !unit.sync
    this.statements.settle(visit.guest.inbox, unit, answer)
  }

  /** Runs a unit, or an error in its place when it was cancelled, and returns its own answer. */
  async #exec(engine: Engine, visit: Visit, unit: RunUnit): Promise<Buffer> {
    if (visit.cancelled) {
      visit.cancelled = false
      const { messages, extra } = failureInPlaceOf(unit, CANCELLED)
      this.statements.loseUnnamed()
      return withoutLeading(await engine.exec(messages), extra)
    }
    const replay = this.statements.replay(visit.guest.inbox, unit)
    const answer = replay.strip(await engine.exec(replay.messages))
    return unit.copy ? without(answer, 'G') : answer
  }

  /** What must be done before a unit that may change the session. */
  async #prepare(engine: Engine, visit: Visit, unit: RunUnit, touches: number): Promise<void> {
    const statements: string[] = []
    if (unit.touches & Touch.channels) {
      statements.push(this.#listeners.before(visit.guest, unit.texts, !this.#owner))
    }
    // In the middle of a sequence nothing can be slipped in.
    if (visit.inSequence) return
    if (touches & Touch.identity && visit.belongings && !engine.isOneTransaction) {
      statements.push(this.#state.identify(visit.belongings, !this.#owner) ?? '')
    }
    const sql = statements.join(';')
    if (sql === '') return
    await engine.exec([message('Q', cstring(sql))])
    this.statements.loseUnnamed()
  }

  /** Makes the session this connection's own; ends the connection when its settings are no good. */
  async #enter(visit: Visit, unit: RunUnit): Promise<boolean> {
    visit.belongings ??= this.#state.admit(visit.guest.id, visit.guest.settings)
    try {
      const isChanged = await this.#state.enter(visit.belongings)
      if ((await this.#state.begin(visit.belongings, unit)) || isChanged)
        this.statements.loseUnnamed()
      return true
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      this.statements.loseUnnamed()
      visit.guest.fail({ severity: 'FATAL', code: error.code, message: error.message })
      return false
    }
  }

  #breakDown(visit: Visit, answer: Buffer): void {
    const why = firstError(answer)?.get('M') ?? 'it stopped answering'
    this.#engine = undefined
    this.#owner = undefined
    visit.guest.fail(brokenDown(why, visit.query))
    this.#options.onBroken(why)
  }

  /** Answers the next unit of a waiting connection with an error. */
  #refuse(visit: Visit, error: ServerError): void {
    this.#waiting.leave(visit)
    const unit = visit.guest.inbox.next()
    if (unit?.kind === 'run') refuseUnit(visit.guest, unit, error)
    else if (unit) void this.#serve(visit, unit)
    if (!visit.guest.inbox.isEmpty) this.notice(visit.guest)
  }
}

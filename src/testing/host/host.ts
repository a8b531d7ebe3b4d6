import { performance } from 'node:perf_hooks'

import { TestDatabaseError } from '../../errors.ts'
import { literal } from '../../sql/literal.ts'
import { FRESH_SESSION } from '../baseline/baseline-sql.ts'
import { type Admission, type Lobby, Refusal } from '../server/connection.ts'
import { Session, type Stray } from '../server/session.ts'
import { startupSettings } from '../server/startup.ts'
import { WireServer } from '../server/wire-server.ts'
import { rpcOverSocket } from './json-lines.ts'
import type { BootMaterial, ResetReport, StrayReport, TestReset } from './protocol.ts'
import type { Pulse } from './pulse.ts'
import { TestEngine } from './test-engine.ts'

export interface HostOptions {
  /** Milliseconds a connection may wait for a transaction in which nothing happens. */
  readonly waitLimit: number
  /** Restore everything, always. */
  readonly full?: boolean
  /** Where other threads see what the engine is at. */
  readonly pulse?: Pulse
  readonly material: () => Promise<BootMaterial>
  readonly onStrays: (report: StrayReport) => void
  /** With a warning, where the engine's memory cannot be restored. */
  readonly onBooted: (warning: string | undefined) => void
  /** Something was put back after a test. */
  readonly onReset?: (report: TestReset) => void
  /** The engine is beyond use, and so is this host: its thread must be replaced. */
  readonly onBroken: (reason: string) => void
}

const DATABASE = 'postgres'
const OWNER = 'postgres'

const CHANGED = 'catalogs were written to: schema, roles, settings, temporary tables or TRUNCATE'

type Outcome = Omit<ResetReport, 'duration'>

const NOTHING: ResetReport = { kind: 'none', relations: 0, duration: 0 }

/**
 * One test database: a server that listens at once, and an engine that is booted when the first
 * client comes.
 */
export class Host implements Lobby {
  readonly session: Session
  readonly #options: HostOptions
  readonly #server: WireServer
  #booting: Promise<void> | undefined
  #engine: TestEngine | undefined
  /** The session's traffic when the baseline was in place last. */
  #cleanAt = 0
  #broken = false
  /** The test that runs. */
  #test: string | undefined
  /** The test before it. */
  #dirtiedBy: string | undefined

  constructor(options: HostOptions) {
    this.#options = options
    this.session = new Session({
      freshSession: FRESH_SESSION,
      waitLimit: options.waitLimit,
      onBroken: (reason) => {
        this.#broken = true
        options.onBroken(reason)
      },
    })
    this.#server = new WireServer({
      lobby: this,
      onControl: (socket, rest) => {
        const commands = {
          reset: (test: string) => this.reset(test),
          traffic: () => this.session.traffic,
          leaks: () => this.endLeaks(),
        }
        rpcOverSocket(socket, commands, rest)
      },
    })
  }

  /** Listens on the port, or on a free one, and returns it. */
  listen(port = 0): Promise<number> {
    return this.#server.listen(port)
  }

  /** Boots the engine unless it runs. Remembers no failure: the snapshot's owner does. */
  boot(): Promise<void> {
    this.#booting ??= this.#boot().catch((error: unknown) => {
      this.#booting = undefined
      throw error
    })
    return this.#booting
  }

  async admit(parameters: ReadonlyMap<string, string>): Promise<Admission> {
    const database = parameters.get('database') ?? parameters.get('user')
    if (database !== DATABASE) {
      throw new Refusal({
        severity: 'FATAL',
        code: '3D000',
        message: `database "${database}" does not exist`,
        detail: `A test database serves the database "${DATABASE}" only.`,
        hint: 'Connect to process.env.DATABASE_URL as it is.',
      })
    }
    try {
      await this.boot()
    } catch (error) {
      throw new Refusal({
        severity: 'FATAL',
        code: '57P03',
        message: `the test database could not be built: ${summary(error)}`,
      })
    }
    return {
      greeting: this.#engine?.wire.greeting ?? Buffer.alloc(0),
      settings: sessionSettings(parameters),
    }
  }

  /** A test worker takes the database. */
  async enter(tenant: string): Promise<ResetReport> {
    this.#server.tenant = tenant
    this.#server.endOtherTenants()
    return await this.reset(undefined)
  }

  /**
   * Puts the database back to its baseline, for the test that comes.
   *
   * Open transactions are rolled back first. When a test changed more than rows, the whole state of the
   * engine is restored; where that cannot be done, the database is replaced by a new one.
   */
  async reset(test: string | undefined): Promise<ResetReport> {
    // Asking a broken engine could block this thread for ever; its end answers the caller.
    if (this.#broken) return await new Promise(() => {})
    const previous = this.#test
    this.#dirtiedBy = previous
    this.#test = test
    this.#options.pulse?.enter(test)
    if (!this.#booting) return NOTHING
    // One round of the event loop, so that what the last test sent without waiting is seen.
    await new Promise((resolve) => setImmediate(resolve))
    await this.#booting.catch(() => {})
    const strays = await this.session.evict(
      previous === undefined
        ? 'It was left open and rolled back before a test.'
        : `The test "${previous}" left it open; it was rolled back before the next test.`,
    )
    if (strays.length > 0) this.#options.onStrays({ test: previous, strays })
    if (this.session.traffic === this.#cleanAt) return NOTHING
    return await this.session.exclusively(() => this.#restore())
  }

  /** Rolls back the transactions that the test left open, and names them. */
  async endLeaks(): Promise<Stray[]> {
    if (!this.#booting || this.#broken) return []
    await new Promise((resolve) => setImmediate(resolve))
    await this.#booting.catch(() => {})
    return await this.session.evict(`The test "${this.#test}" left it open; it was rolled back.`)
  }

  async close(): Promise<void> {
    await this.#server.close()
    await this.#discard()
  }

  async #restore(): Promise<ResetReport> {
    const start = performance.now()
    const outcome = await this.#restoreRows().catch((error: unknown) =>
      this.#restoreAll(`rows could not be restored: ${summary(error)}`),
    )
    this.#cleanAt = this.session.traffic
    const report = { ...outcome, duration: performance.now() - start }
    this.#options.onReset?.({ ...report, test: this.#dirtiedBy })
    return report
  }

  async #restoreRows(): Promise<Outcome> {
    if (this.#options.full) return await this.#restoreAll(undefined)
    const relations = await this.#engine?.restoreRows()
    if (relations === undefined) return await this.#restoreAll(CHANGED)
    this.session.forgetSettings()
    return { kind: 'rows', relations }
  }

  /** Restores the memory of the engine, or replaces it. */
  async #restoreAll(reason: string | undefined): Promise<Outcome> {
    const engine = this.#engine
    const why = reason === undefined ? {} : { reason }
    if (engine && (await engine.restoreAll())) {
      await this.session.use(engine.wire)
      return { kind: 'full', relations: 0, ...why }
    }
    const relations = await engine?.restoreRows(true).catch(() => undefined)
    if (relations !== undefined) {
      this.session.forgetSettings()
      return { kind: 'rows', relations }
    }
    await this.#rebuild(reason)
    return { kind: 'rebuild', relations: 0, ...why }
  }

  async #rebuild(reason = 'its memory could not be restored'): Promise<void> {
    try {
      await this.#discard()
      await this.boot()
    } catch (cause) {
      throw new TestDatabaseError('RESET_FAILED', {
        what: 'the test database could not be reset',
        why: `${reason}; then a new one failed: ${summary(cause)}`,
        fix: 'run the tests again; if it stays, report it with the statements of the last test',
        cause,
      })
    }
  }

  async #boot(): Promise<void> {
    const engine = await TestEngine.boot(await this.#options.material(), this.#options.pulse)
    this.#engine = engine
    this.#cleanAt = this.session.traffic
    await this.session.use(engine.wire)
    this.#options.onBooted(engine.warning)
  }

  async #discard(): Promise<void> {
    const engine = this.#engine
    this.#engine = undefined
    this.#booting = undefined
    await engine?.close()
  }
}

/** The SQL that gives a fresh session what a client asked for at its start. */
function sessionSettings(parameters: ReadonlyMap<string, string>): string {
  const statements: string[] = []
  for (const [name, value] of startupSettings(parameters)) {
    statements.push(`SELECT set_config(${literal(name)}, ${literal(value)}, false)`)
  }
  const user = parameters.get('user') ?? OWNER
  if (user !== OWNER) statements.push(`SET SESSION AUTHORIZATION ${literal(user)}`)
  return statements.join(';')
}

function summary(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const known = error as { summary?: unknown }
  return typeof known.summary === 'string' ? known.summary : error.message
}

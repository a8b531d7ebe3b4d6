import type { Session } from '../server/session.ts'
import type { HostEngine } from './host-engine.ts'
import { resetFailed, summary } from './host-errors.ts'
import type { ResetWay } from './modes.ts'
import type { ResetReport } from './protocol.ts'
import type { SavedStates } from './saved-states.ts'

export type ResetOutcome = Omit<ResetReport, 'duration'>

const CHANGED = 'catalogs were written to: schema, roles, settings, temporary tables or TRUNCATE'

/** How the database of a host is put back: by its rows, by the engine's whole memory, or by another engine. */
export class EngineResets {
  readonly #engine: HostEngine
  readonly #session: Session
  readonly #saved: SavedStates

  constructor(engine: HostEngine, session: Session, saved: SavedStates) {
    this.#engine = engine
    this.#session = session
    this.#saved = saved
  }

  /** No connection uses the engine meanwhile. */
  async reset(way: ResetWay): Promise<ResetOutcome> {
    const { transaction } = this.#engine
    if (transaction?.engine.isActive) {
      await transaction.rollBack()
      if (way === 'transaction' && !transaction.isPublished && !this.#isSeeded) {
        this.#session.forgetSettings('')
        return { kind: 'rows', relations: 0 }
      }
      await transaction.end()
    }
    // A snapshot is a copy of everything.
    if (this.#isSeeded) return await this.#restoreBase()
    if (way === 'clone') return await this.rebuild('a new copy before each test')
    if (way === 'full' || way === 'fresh') return await this.#restoreAll(undefined)
    return await this.#restoreRows().catch((error: unknown) =>
      this.#restoreAll(`rows could not be restored: ${summary(error)}`),
    )
  }

  /** Replaces the engine. */
  async rebuild(
    reason = 'its memory could not be restored',
    layer?: string,
  ): Promise<ResetOutcome> {
    try {
      await this.#engine.replace(layer)
      return { kind: 'rebuild', relations: 0 }
    } catch (cause) {
      throw resetFailed(reason, cause)
    }
  }

  /** Its engine is not in the baseline, or is not to be. */
  get #isSeeded(): boolean {
    return this.#saved.base > 0 || this.#engine.layer !== undefined
  }

  async #restoreBase(): Promise<ResetOutcome> {
    const { base } = this.#saved
    if (base === 0) return await this.rebuild('the seeds were those of another file')
    await this.#saved.restore(base)
    await this.#session.use(this.#engine.wire)
    return { kind: 'full', relations: 0 }
  }

  async #restoreRows(): Promise<ResetOutcome> {
    const relations = await this.#engine.current?.restoreRows()
    if (relations === undefined) return await this.#restoreAll(CHANGED)
    this.#session.forgetSettings()
    return { kind: 'rows', relations }
  }

  /** Restores the memory of the engine, or replaces it. */
  async #restoreAll(reason: string | undefined): Promise<ResetOutcome> {
    const engine = this.#engine.current
    const why = reason === undefined ? {} : { reason }
    if (engine && (await engine.restoreAll())) {
      await this.#session.use(this.#engine.wire)
      return { kind: 'full', relations: 0, ...why }
    }
    const relations = await engine?.restoreRows(true).catch(() => undefined)
    if (relations !== undefined) {
      this.#session.forgetSettings()
      return { kind: 'rows', relations }
    }
    return { ...(await this.rebuild(reason)), ...why }
  }
}

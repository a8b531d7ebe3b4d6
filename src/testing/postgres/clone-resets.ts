import { TestDatabaseError } from '../../errors.ts'
import type { ServerReset } from '../baseline/server-baseline.ts'
import type { ResetWay } from '../host/modes.ts'
import type { ResetReport } from '../host/protocol.ts'
import { begin, type Clone, isFresh } from './clone.ts'
import { keepRows, keepWhole } from './keep-clone.ts'
import type { ServerSnapshots } from './server-snapshots.ts'
import type { ServerStrays } from './server-strays.ts'
import type { SlotStage } from './slot-stage.ts'

export type ResetOutcome = Omit<ResetReport, 'duration'>

const NOTHING: ResetOutcome = { kind: 'none', relations: 0 }

/** How the database of a slot is put back after a test, or left to somebody who wants to see what the test did. */
export class CloneResets {
  readonly #stage: SlotStage
  readonly #snapshots: ServerSnapshots
  readonly #strays: ServerStrays
  /** The name under which the database is to be kept, instead of being dropped. */
  #keptAs: string | undefined

  constructor(stage: SlotStage, snapshots: ServerSnapshots, strays: ServerStrays) {
    this.#stage = stage
    this.#snapshots = snapshots
    this.#strays = strays
  }

  /** @param previous - The test that was the last to use it. */
  async reset(clone: Clone, previous: string | undefined, way: ResetWay): Promise<ResetOutcome> {
    const relationsBack = await this.#stage.leave(previous, way)
    // Never without the rows that its seeds have made.
    if (this.#snapshots.isBased) this.#snapshots.origin(clone)
    if (relationsBack !== undefined) return { kind: 'rows', relations: relationsBack }
    if (this.#keptAs !== undefined) return await this.#leaveBehind(clone, previous)
    if ((way === 'fresh' || way === 'clone') && (await isFresh(clone))) return NOTHING
    clone.freshAt = undefined
    if (way === 'fresh' || way === 'clone') {
      this.#strays.tellEnded(previous, await clone.rows.endTransactions())
      await this.cloneAgain(clone)
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
    await this.cloneAgain(clone, change)
    return { kind: 'full', relations: 0, ...(change !== undefined && { reason: change }) }
  }

  /** Replaces the database by what tests begin with. */
  async cloneAgain(clone: Clone, reason = 'asked for'): Promise<void> {
    const { databases } = clone.baseline.run
    try {
      await this.#stage.current?.settle()
      await clone.connection.close()
      await this.keepWhole(clone)
      await databases.clone(this.#snapshots.origin(clone), clone.name)
      await begin(clone, this.#snapshots.isBased)
    } catch (cause) {
      throw new TestDatabaseError('RESET_FAILED', {
        what: 'the test database could not be reset',
        why: `${reason}; then it could not be cloned again: ${String(cause)}`,
        note: await databases.sessions(clone.name),
        fix: 'run the tests again; if it stays, report it with the statements of the last test',
        cause,
      })
    }
  }

  /** Sessions stay: see {@link keepRows}. After a change of the schema it is done at the next reset, which ends them. */
  async keep(clone: Clone, kept: string): Promise<void> {
    // Nobody else would see what is in the test's transaction.
    await this.#stage.current?.publish().catch(() => {})
    const { run, url } = clone.baseline
    const template = this.#snapshots.origin(clone)
    if (!(await keepRows({ ...clone, run, template, url }, kept))) this.#keptAs = kept
  }

  /** Keeps the database itself, if that is due: there must be another one then. */
  async keepWhole({ baseline, name, connection }: Clone): Promise<void> {
    const kept = this.#keptAs
    this.#keptAs = undefined
    if (kept === undefined) return
    await connection.close()
    await keepWhole(baseline, name, kept)
  }

  /** The database stays as it is, for somebody who wants to see it; the next test gets another. */
  async #leaveBehind(clone: Clone, previous: string | undefined): Promise<ResetOutcome> {
    this.#strays.tellEnded(previous, await clone.rows.endTransactions())
    const reason = 'the schema or the like was changed; the database is kept'
    await this.cloneAgain(clone, reason)
    return { kind: 'full', relations: 0, reason }
  }
}

/** Why the database must be cloned again; undefined when it need not. */
function changeOf(changes: ServerReset['changes']): string | undefined {
  return changes.find((change) => change.of === 'database')?.reason
}

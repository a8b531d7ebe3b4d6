import { TestDatabaseError } from '../../errors.ts'
import type { SavedState, TestEngine } from './test-engine.ts'

/** The moments of one engine that it can be put back to, by number. */
export class SavedStates {
  readonly #states = new Map<number, SavedState>()
  /** The one that resets lead to; 0 for the baseline. */
  base = 0
  #last = 0
  #isBroken = false

  /** A restore has failed half-way: the engine must be replaced. */
  get isBroken(): boolean {
    return this.#isBroken
  }

  async save(engine: TestEngine): Promise<number> {
    const state = await engine.save()
    if (!state) throw unusable('this version of PGlite has no way to do it', 'use a supported one')
    this.#states.set(++this.#last, state)
    return this.#last
  }

  async restore(number: number): Promise<void> {
    const state = this.#states.get(number)
    if (!state) {
      throw unusable(
        'it was released, belongs to another test file, or the database has been replaced since',
        'take the snapshot in the file that restores it',
      )
    }
    const outcome = await state()
    if (outcome === 'restored') return
    this.#isBroken = outcome === 'broken'
    throw outcome === 'broken'
      ? unusable('the database is not what it was', 'report it; the database is rebuilt')
      : unusable(
          'the engine has loaded a library since, which cannot be taken back',
          'create the extension in a migration, or before the snapshot is taken',
        )
  }

  release(number: number): void {
    this.#states.delete(number)
  }

  /**
   * Numbers are not used again: what somebody still has is known to be gone.
   *
   * @param kept - The numbers of those that stay.
   */
  clear(kept: ReadonlySet<number> = new Set()): void {
    for (const number of this.#states.keys()) if (!kept.has(number)) this.#states.delete(number)
    this.#isBroken = false
  }
}

function unusable(why: string, fix: string): TestDatabaseError {
  return new TestDatabaseError('SNAPSHOT_UNUSABLE', {
    what: 'the database cannot be put back to this snapshot',
    why,
    fix,
  })
}

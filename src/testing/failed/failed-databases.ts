import { existsSync } from 'node:fs'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { processState, thisProcess } from '../../database/engines/process-identity.ts'
import type { SlotDatabase } from '../host/slot-database.ts'
import { ABOUT_FILE, type FailedTest, type KeptDatabase, readKept } from './kept-database.ts'

/** Keeps the databases of failed tests, under numbers that begin with 1 in each run. */
export class FailedDatabases {
  readonly #folder: string
  readonly #limit: number
  /** The numbers that this run has given, by test. */
  readonly #numbers = new Map<string, number>()
  #queue: Promise<unknown> = Promise.resolve()

  /**
   * @param folder - See `failedFolder()`.
   * @param limit - How many a run keeps; its first ones, in place of those of earlier runs.
   */
  constructor(folder: string, limit: number) {
    this.#folder = folder
    this.#limit = limit
  }

  /** Tests run again, in watch mode: what they keep stands in place of what is there. */
  beginRun(): void {
    this.#numbers.clear()
  }

  /**
   * Keeps the database of a test, in place of the one that it left when it was tried before.
   *
   * @returns its number; undefined when there are as many as may be, or nothing can be kept.
   */
  async keep(test: FailedTest, host: SlotDatabase): Promise<number | undefined> {
    return await this.#inTurn(async () => {
      const number = this.#numbers.get(test.name) ?? (await this.#freeNumber())
      if (number === undefined) return undefined
      this.#numbers.set(test.name, number)
      const path = join(this.#folder, String(number))
      await this.#empty(number)
      await this.#makeFolder(path)
      const place = await host.keep(path, number)
      if (!place) {
        this.#numbers.delete(test.name)
        await rm(path, { recursive: true, force: true })
        return undefined
      }
      const run = thisProcess()
      const kept: KeptDatabase = { ...test, at: new Date().toISOString(), run, place }
      const draft = join(path, `${ABOUT_FILE}.tmp`)
      // It may hold the password of a server.
      await writeFile(draft, JSON.stringify(kept, undefined, 2), { mode: 0o600 })
      await rename(draft, join(path, ABOUT_FILE))
      return number
    })
  }

  /** The test passed after all. */
  async discard(name: string): Promise<void> {
    await this.#inTurn(async () => {
      const number = this.#numbers.get(name)
      this.#numbers.delete(name)
      if (number !== undefined) await this.#empty(number)
    })
  }

  async #empty(number: number): Promise<void> {
    // With a client, for which only a test that fails has to wait.
    const { discardKept } = await import('./discard-kept.ts')
    await discardKept(this.#folder, number)
  }

  async #freeNumber(): Promise<number | undefined> {
    const taken = new Set(this.#numbers.values())
    for (let number = 1; number <= this.#limit; number++) {
      if (taken.has(number)) continue
      const kept = await readKept(this.#folder, number)
      const isOwn = kept?.run.pid === process.pid
      // Another run that goes on has told its reader this number.
      if (!kept || isOwn || processState(kept.run) !== 'running') return number
    }
    return undefined
  }

  async #makeFolder(path: string): Promise<void> {
    await mkdir(path, { recursive: true, mode: 0o700 })
    const ignore = join(this.#folder, '..', '.gitignore')
    if (!existsSync(ignore)) await writeFile(ignore, '*\n')
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work)
    this.#queue = turn.catch(() => {})
    return await turn
  }
}

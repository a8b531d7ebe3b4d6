import { setTimeout as sleep } from 'node:timers/promises'

import { AdvisoryLock } from './advisory-lock.ts'
import type { Connection } from './connection.ts'
import type { DatabaseNames } from './database-names.ts'
import type { Databases } from './databases.ts'

/** Milliseconds between two looks: who waits inside a statement would hold up others. */
const POLL = 25
/** Days after which a template that nobody has used is dropped. */
const KEPT_DAYS = 14
/** The same for one with seeds of a test file. */
const KEPT_LAYER_DAYS = 3

export interface TemplateOrder {
  /** What it is made of; undefined when that is unknown: then it is this run's alone. */
  readonly key: string | undefined
  /** Keys of templates to begin with, best first. */
  readonly bases: readonly string[]
  /** Completes the database; `base` is the index of what it began with. */
  readonly build: (database: string, base: number | undefined) => Promise<void>
}

export interface Template {
  readonly name: string
  /** This call has built it, on the base of this index, or on nothing. */
  readonly built: { readonly base: number | undefined } | undefined
}

/** What databases of tests are cloned from: one for each key, whoever has built it, and shared by all runs. */
export class Templates {
  readonly #connection: Connection
  readonly #databases: Databases
  readonly #names: DatabaseNames
  readonly #ownName: string

  /**
   * @param connection - To the maintenance database: builders lock each other out there.
   * @param ownName - Of the database that is this run's template, where it can be nobody else's.
   */
  constructor(connection: Connection, databases: Databases, names: DatabaseNames, ownName: string) {
    this.#connection = connection
    this.#databases = databases
    this.#names = names
    this.#ownName = ownName
  }

  /** Whether a template is there, complete. */
  async has(key: string): Promise<boolean> {
    return await this.#databases.isSealed(this.#names.ofTemplate(key))
  }

  /** Whether a database is a template that other runs use, too. */
  isShared(name: string): boolean {
    return this.#names.isTemplate(name)
  }

  /** Finds or builds a template: once, however many runs ask for it at a time. */
  async take(order: TemplateOrder): Promise<Template> {
    const { key } = order
    if (key === undefined) {
      return { name: this.#ownName, built: { base: await this.#build(this.#ownName, order) } }
    }
    const name = this.#names.ofTemplate(key)
    const lock = new AdvisoryLock('template', key)
    for (;;) {
      if (await this.#databases.isSealed(name)) {
        await this.#databases.noteUse(name)
        return { name, built: undefined }
      }
      if (await lock.take(this.#connection)) {
        try {
          // Somebody may have built it between the look and the lock.
          if (await this.#databases.isSealed(name)) continue
          return { name, built: { base: await this.#build(name, order) } }
        } finally {
          await lock.free(this.#connection)
        }
      }
      await sleep(POLL)
    }
  }

  /**
   * Makes a template of a database that nobody is connected to, unless there is one; for days only, as what it is
   * made of changes often. Somebody else may be at it: then nothing is done.
   */
  async keepLayer(key: string, origin: string): Promise<void> {
    const name = this.#names.ofTemplate(key)
    const lock = new AdvisoryLock('template', key)
    if (await this.#databases.isSealed(name)) return
    if (!(await lock.take(this.#connection))) return
    try {
      if (await this.#databases.isSealed(name)) return
      await this.#databases.clone(origin, name)
      await this.#seal(name)
      await this.#noteLayer(name)
    } catch (error) {
      await this.#databases.drop(name).catch(() => {})
      throw error
    } finally {
      await lock.free(this.#connection)
    }
  }

  /** The template of a layer, which counts as used now; undefined when it is not there. */
  async findLayer(key: string): Promise<string | undefined> {
    const name = this.#names.ofTemplate(key)
    if (!(await this.#databases.isSealed(name))) return undefined
    await this.#noteLayer(name)
    return name
  }

  async drop(key: string): Promise<void> {
    const name = this.#names.ofTemplate(key)
    if (await this.#databases.isSealed(name)) await this.#databases.dropSealed(name)
  }

  /** Drops all templates, and returns their names. */
  async dropAll(): Promise<readonly string[]> {
    const templates = (await this.#databases.list()).filter((name) => this.isShared(name))
    for (const name of templates) await this.#databases.dropSealed(name)
    return templates
  }

  /** Whether nobody has used it for so long that it may go. */
  async isOld(name: string): Promise<boolean> {
    return ((await this.#databases.daysUnused(name)) ?? 0) > KEPT_DAYS
  }

  async #noteLayer(name: string): Promise<void> {
    await this.#databases.noteUse(name, KEPT_DAYS - KEPT_LAYER_DAYS)
  }

  async #build(name: string, { bases, build }: TemplateOrder): Promise<number | undefined> {
    // Half of it may be there: whoever built it was killed.
    await this.#databases.drop(name)
    let base: number | undefined
    for (const [index, key] of bases.entries()) {
      if (base === undefined && (await this.has(key))) base = index
    }
    try {
      if (base === undefined) await this.#databases.create(name, 'template0')
      else await this.#databases.copy(this.#names.ofTemplate(bases[base] ?? ''), name)
      await build(name, base)
      await this.#seal(name)
    } catch (error) {
      await this.#databases.drop(name).catch(() => {})
      throw error
    }
    await this.#databases.noteUse(name)
    return base
  }

  async #seal(name: string): Promise<void> {
    await this.#databases.seal(name, this.isShared(name))
  }
}

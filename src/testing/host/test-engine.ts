import type { PGlite } from '@electric-sql/pglite'

import { SCHEMA_CHANGED } from '../baseline/baseline-schema.ts'
import {
  ARM_BASELINE,
  HAS_UNLOGGED,
  IS_BASELINE_SCHEMA,
  LOAD_LIBRARIES,
  RESTORE_SESSION,
  restoreRows,
} from '../baseline/baseline-sql.ts'
import { isKnownVersion, type RestoreState, saveState } from '../pglite/memory-restore.ts'
import { openPGlite } from '../pglite/open-pglite.ts'
import { type EngineWatch, PGliteEngine } from '../pglite/pglite-engine.ts'
import type { BootMaterial } from './protocol.ts'

/** An engine with a database in its baseline, and the ways back to it. */
export class TestEngine {
  readonly wire: PGliteEngine
  readonly #pglite: PGlite
  #restoreState: RestoreState | undefined
  #hasUnlogged = true
  /** What had been written when the baseline was in place last. */
  #written: string | undefined
  #savedWritten: string | undefined
  /** The first restore of the whole state is looked at: see `memory-restore.ts`. */
  #isTrusted = false
  /** Why a change of the schema takes a new database to put back; undefined when it does not. */
  warning: string | undefined

  private constructor(pglite: PGlite, wire: PGliteEngine) {
    this.#pglite = pglite
    this.wire = wire
  }

  static async boot(material: BootMaterial, watch?: EngineWatch): Promise<TestEngine> {
    const engine = await TestEngine.#open(material, watch)
    const { version } = material.parts
    engine.#restoreState = saveState(engine.#pglite)
    engine.#savedWritten = engine.#written
    if (!engine.#restoreState) engine.warning = `the memory of PGlite ${version} cannot be saved`
    if (!engine.#restoreState || isKnownVersion(version) || (await engine.#passesTest()))
      return engine
    // What the test left may be anything.
    await engine.close().catch(() => {})
    const plain = await TestEngine.#open(material, watch)
    plain.warning = `the memory of PGlite ${version} could not be restored in a test`
    return plain
  }

  static async #open({ snapshot, parts }: BootMaterial, watch?: EngineWatch): Promise<TestEngine> {
    const pglite = await openPGlite(snapshot, parts)
    const wire = await PGliteEngine.start(pglite, watch)
    const engine = new TestEngine(pglite, wire)
    await wire.query(LOAD_LIBRARIES)
    await wire.query(ARM_BASELINE)
    engine.#hasUnlogged = (await wire.query(HAS_UNLOGGED))[0]?.[0] === 't'
    // Compiled by its first run, which is not a test's.
    await engine.restoreRows()
    return engine
  }

  /**
   * Puts back the rows that were touched.
   *
   * @param checked - Find out whether the schema was changed where catalogs were written to.
   * @returns how many relations were; undefined when the schema was changed as well, or roles or settings,
   *   or catalogs were written to and nobody checked.
   */
  async restoreRows(checked = false): Promise<number | undefined> {
    const [written] = (await this.wire.query(RESTORE_SESSION)).at(-1) ?? []
    if (written === this.#written && !this.#hasUnlogged) return 0
    const rows = await this.wire.query(restoreRows(checked))
    const [answer] = rows.at(-2) ?? []
    if (answer === SCHEMA_CHANGED) return undefined
    this.#written = rows.at(-1)?.[0] ?? undefined
    const [relations = '0', ...bloated] = answer?.split(' ') ?? []
    if (bloated.length > 0) await this.wire.query(`VACUUM ${bloated.join(' ')}`)
    return Number(relations)
  }

  /** Puts back everything; false when that cannot be done. */
  async restoreAll(): Promise<boolean> {
    try {
      if (!this.#restoreState?.()) return false
    } catch {
      this.#restoreState = undefined
      return false
    }
    this.#written = this.#savedWritten
    this.#isTrusted ||= await this.#isBaseline()
    if (!this.#isTrusted) this.#restoreState = undefined
    return this.#isTrusted
  }

  /** Left open, it would keep its memory: its clock ticks for ever. */
  async close(): Promise<void> {
    await this.#pglite.close()
  }

  /** Changes what no transaction takes back, and looks whether that is undone. */
  async #passesTest(): Promise<boolean> {
    try {
      await this.wire.query(
        'CREATE TABLE public.faasjs_pg_test (id serial); CREATE ROLE faasjs_pg_test',
      )
      return await this.restoreAll()
    } catch {
      return false
    }
  }

  async #isBaseline(): Promise<boolean> {
    try {
      const schema = await this.wire.query(IS_BASELINE_SCHEMA)
      return schema.at(-1)?.[0] === 't' && (await this.restoreRows()) === 0
    } catch {
      return false
    }
  }
}

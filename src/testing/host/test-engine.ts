import type { PGlite } from '@electric-sql/pglite'

import { SCHEMA_CHANGED } from '../baseline/baseline-schema.ts'
import {
  ARM_BASELINE,
  BLOATED_TABLES,
  FLUSH_STATISTICS,
  HAS_UNLOGGED,
  IDENTITY,
  IS_BASELINE_SCHEMA,
  LOAD_LIBRARIES,
  RESTORE_SESSION,
  restoreRows,
} from '../baseline/baseline-sql.ts'
import { isKnownVersion, type RestoreState, saveState } from '../pglite/memory-restore.ts'
import { openPGlite, packRunning, settingsWrittenAt } from '../pglite/open-pglite.ts'
import { type EngineWatch, PGliteEngine } from '../pglite/pglite-engine.ts'
import type { Snapshot } from '../pglite/snapshot.ts'
import type { BootMaterial } from './protocol.ts'

/**
 * Puts the database back to a moment. `refused`: it is as it was, as the engine has loaded a library since.
 * `broken`: it is beyond use.
 */
export type SavedState = () => Promise<'restored' | 'refused' | 'broken'>

// Bytes of log.
const LONGEST_LOG = 16 * 2 ** 20
const LONGEST_REST = 2 ** 20

/** An engine with a database in its baseline, and the ways back to it. */
export class TestEngine {
  readonly wire: PGliteEngine
  readonly #pglite: PGlite
  #restoreState: RestoreState | undefined
  #hasUnlogged = true
  /** What had been written when the baseline was in place last. */
  #written: string | undefined
  /** Where the log began after the last checkpoint, in bytes. */
  #logStart = 0
  /** Where the log ended when tables were looked at last. */
  #vacuumedAt = 0
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
    engine.#restoreState = engine.#saveState()
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
    const pglite = await openPGlite(snapshot, { parts, raw: true })
    const wire = await PGliteEngine.start(pglite, watch)
    const engine = new TestEngine(pglite, wire)
    await wire.query(LOAD_LIBRARIES)
    engine.#hasUnlogged = (await wire.query(HAS_UNLOGGED))[0]?.[0] === 't'
    // Compiled by its first run, which is not a test's; it finds the counters as they are at each start.
    if ((await engine.restoreRows()) !== 0) {
      await wire.query(ARM_BASELINE)
      await engine.restoreRows()
    }
    engine.#logStart = engine.#vacuumedAt = logPosition(engine.#written)
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
    const [end] = (await this.wire.query(RESTORE_SESSION)).at(-1) ?? []
    const written = `${end} ${settingsWrittenAt(this.#pglite)}`
    if (written === this.#written && !this.#hasUnlogged) return 0
    const rows = await this.wire.query(restoreRows(checked))
    const [relations] = rows.at(-2) ?? []
    if (relations === SCHEMA_CHANGED) return undefined
    const [position] = rows.at(-1) ?? []
    // The reset writes no settings.
    this.#written = written.replace(/^\S+/, position ?? '')
    await this.#vacuum()
    await this.#dropOldLog()
    return Number(relations ?? 0)
  }

  /** Puts back everything; false when that cannot be done. */
  async restoreAll(): Promise<boolean> {
    try {
      if (!this.#restoreState?.()) return false
    } catch {
      this.#restoreState = undefined
      return false
    }
    this.#isTrusted ||= await this.#isBaseline()
    if (!this.#isTrusted) this.#restoreState = undefined
    return this.#isTrusted
  }

  /**
   * Notes everything that is in the database now, so that it can be put back. No statement may be running.
   *
   * @returns undefined when this engine does not have what it takes.
   */
  async save(): Promise<SavedState | undefined> {
    // Loaded later, by a full-text search, it would make the state unrestorable.
    await this.wire.query(`LOAD '$libdir/dict_snowball'`).catch(() => {})
    const before = this.#isTrusted ? undefined : await this.#identity()
    const restore = this.#saveState()
    if (!restore) return undefined
    return async () => {
      if (!restore()) return 'refused'
      this.#isTrusted ||= before === (await this.#identity().catch(() => undefined))
      if (!this.#isTrusted) return 'broken'
      await this.wire.query(RESTORE_SESSION)
      return 'restored'
    }
  }

  /** The files of the database, to boot others from; undefined where they would not have everything. */
  async pack(): Promise<Snapshot | undefined> {
    // Recovery empties tables that are not in the log.
    if ((await this.wire.query(HAS_UNLOGGED))[0]?.[0] === 't') return undefined
    await this.wire.query('CHECKPOINT')
    return packRunning(this.#pglite)
  }

  /** The same as far as it goes, for somebody who wants to see it: whatever was committed. */
  dump(): Snapshot {
    return packRunning(this.#pglite)
  }

  #saveState(): RestoreState | undefined {
    const restore = saveState(this.#pglite)
    const [written, logStart, vacuumedAt] = [this.#written, this.#logStart, this.#vacuumedAt]
    return (
      restore &&
      (() => {
        if (!restore()) return false
        this.#written = written
        this.#logStart = logStart
        this.#vacuumedAt = vacuumedAt
        return true
      })
    )
  }

  /** The same when the database is. */
  async #identity(): Promise<string> {
    return JSON.stringify(await this.wire.query(IDENTITY))
  }

  /** What is left of rows that were taken away. Tables grow by no more than is logged. */
  async #vacuum(): Promise<void> {
    const position = logPosition(this.#written)
    if (position - this.#vacuumedAt < LONGEST_REST && !this.#hasUnlogged) return
    this.#vacuumedAt = position
    await this.wire.query(FLUSH_STATISTICS)
    const [[bloated] = []] = await this.wire.query(BLOATED_TABLES)
    if (bloated) await this.wire.query(`VACUUM ${bloated}`)
  }

  /** A server does this in the background; here the log, which is in memory, would grow for ever. */
  async #dropOldLog(): Promise<void> {
    const position = logPosition(this.#written)
    if (position - this.#logStart < LONGEST_LOG) return
    await this.wire.query('CHECKPOINT')
    this.#logStart = position
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

/** The bytes that were ever written to the log; `written` begins with an LSN such as `0/A034F20`. */
function logPosition(written = ''): number {
  const [high = '0', low = '0'] = written.split(' ', 1)[0]?.split('/') ?? []
  return Number.parseInt(high, 16) * 2 ** 32 + Number.parseInt(low, 16)
}

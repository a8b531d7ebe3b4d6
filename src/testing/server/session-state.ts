import { literal } from '../../sql/literal.ts'
import type { Belongings, Temporary } from './belongings.ts'
import { type Engine, queryEngine } from './engine.ts'
import type { RunUnit } from './inbox.ts'
import { CONNECTION_SETTING } from './session-functions.ts'
import { dropTemporaries, isParked, listTemporaries, swapTemporaries } from './temporaries.ts'
import { customSettings, definesFunction, isPrelude, Touch, touchesOf } from './touches.ts'

// Of users only, and not of this package: their schemas begin with "pg_".
const FUNCTIONS = `
SELECT p.prosrc FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE p.oid >= 16384 AND n.nspname !~ '^pg_' AND p.prosrc IS NOT NULL`

/**
 * Gives each connection the session state that is its own: settings, user and role, temporary
 * relations; and tells the session whose turn it is where that matters.
 *
 * Nothing is asked of the engine while connections that have changed nothing take turns. What one may
 * have changed is looked at when another one takes over, and put back when it returns.
 */
export class SessionState {
  readonly #freshSession: string
  readonly #customSettings = new Set<string>()
  readonly #all = new Set<Belongings>()
  #engine: Engine | undefined
  #current: Belongings | undefined
  /** The settings in force; undefined when they are unknown. */
  #inForce: string | undefined
  /** Whose number the session has; undefined when it is unknown. */
  #identified: Belongings | undefined
  /** What functions of the database may do whenever they are called. */
  #functions = 0

  constructor(freshSession: string) {
    this.#freshSession = freshSession
  }

  /** Begins anew with an engine: nothing of what connections did is in it. */
  async use(engine: Engine): Promise<void> {
    this.#engine = engine
    this.forget()
    this.#functions = 0
    for (const [source] of await queryEngine(engine, FUNCTIONS)) this.learn(source ?? '')
  }

  /**
   * The session is as new.
   *
   * @param inForce - The settings, where they are known.
   */
  forget(inForce?: string): void {
    this.#current = undefined
    this.#inForce = inForce
    this.#identified = undefined
    for (const owned of this.#all) {
      const { id, initialSettings, kept, isNew } = owned
      Object.assign(owned, newBelongings(id, initialSettings), { kept, settings: kept, isNew })
    }
  }

  /**
   * What a connection sets before it does anything else belongs to it as what it asked for at its start does:
   * pools do that when they connect. True when a statement of the server's own was run.
   */
  async begin(owned: Belongings, unit: RunUnit): Promise<boolean> {
    if (!owned.isNew || isPrelude(unit.sql)) return false
    owned.isNew = false
    const engine = this.#engine
    const looks = engine !== undefined && this.#current === owned && owned.touched > 0
    if (looks) await this.#look(engine, owned)
    owned.kept = owned.settings
    return looks
  }

  /**
   * What connections have set until now belongs to them. No transaction is open.
   *
   * @param all - Also of those which have done something else.
   */
  async keep(all: boolean): Promise<void> {
    const current = this.#current
    const looks = current && current.touched > 0 && (all || current.isNew)
    if (this.#engine && looks) await this.#look(this.#engine, current)
    for (const owned of this.#all) if (all || owned.isNew) owned.kept = owned.settings
  }

  /** A connection begins, whose settings are these. */
  admit(id: number, settings: string): Belongings {
    const owned = newBelongings(id, settings)
    this.#note(customSettings(settings))
    this.#all.add(owned)
    return owned
  }

  /** A function with this text in it has been made. */
  learn(source: string): void {
    const touches = touchesOf(source)
    this.#functions |= touches
    if (touches & Touch.settings) this.#note(customSettings(source))
  }

  /** The session is this connection's own, and the unit changes nothing of it. */
  isUntouchedBy(owned: Belongings | undefined, unit: RunUnit): boolean {
    const isOwn = owned !== undefined && this.#current === owned && !owned.isNew
    return isOwn && unit.touches === 0 && this.#functions === 0
  }

  /** Notes what a unit of the connection that has the session may change, and returns it. */
  touch(owned: Belongings, unit: RunUnit): number {
    const touches = unit.touches | this.#functions
    owned.touched |= touches
    if (touches & Touch.settings) this.#identified = undefined
    if (unit.touches === 0) return touches
    for (const text of unit.texts) {
      if (definesFunction(text)) this.learn(text)
      else if (unit.touches & Touch.settings) {
        this.#note(customSettings(text, () => Buffer.concat(unit.bytes).toString('latin1')))
      }
    }
    return touches
  }

  /**
   * SQL that tells the session which connection has it; undefined when it knows.
   *
   * @param isOutside - No transaction is open, so that what is said stays.
   */
  identify(owned: Belongings, isOutside: boolean): string | undefined {
    owned.hasLocks = true
    if (this.#identified === owned) return undefined
    // What is to be run may say RESET ALL.
    const stays = isOutside && (owned.touched & Touch.settings) === 0
    this.#identified = stays ? owned : undefined
    return connectionIs(owned)
  }

  #note(customNames: readonly string[]): void {
    for (const name of customNames) this.#customSettings.add(name.toLowerCase())
  }

  /**
   * Makes the session this connection's own. True when statements of the server's own were run.
   *
   * @throws {EngineError} when its settings are no good.
   */
  async enter(owned: Belongings): Promise<boolean> {
    const engine = this.#engine
    const previous = this.#current
    if (!engine || previous === owned) return false
    const looked = previous !== undefined && previous.touched > 0
    if (looked) await this.#look(engine, previous)
    const swaps = (previous?.temporaries.length ?? 0) + owned.temporaries.length > 0
    this.#current = undefined
    if (swaps) await this.#swap(engine, previous?.temporaries ?? [], owned.temporaries)
    if (this.#inForce !== owned.settings) {
      this.#inForce = undefined
      this.#identified = undefined
      await queryEngine(engine, `${this.#freshSession};${owned.settings}`)
      this.#inForce = owned.settings
      this.#current = owned
      return true
    }
    this.#current = owned
    return looked || swaps
  }

  /** The default settings of a connection are those it began with: where RESET leads. */
  async afterReset(owned: Belongings, texts: readonly string[]): Promise<void> {
    if (!this.#engine || owned.initialSettings === '') return
    const sql = texts.map((text) => initialSettingsOf(owned, text)).join(';')
    if (/\w/.test(sql)) await queryEngine(this.#engine, sql)
  }

  /** A connection has gone, and its transaction is over: nothing of it stays. */
  async leave(owned: Belongings): Promise<void> {
    this.#all.delete(owned)
    const engine = this.#engine
    if (!engine) return
    if (this.#current === owned) {
      if (owned.touched > 0) await this.#look(engine, owned)
      this.#current = undefined
    }
    if (owned.temporaries.length > 0) {
      await this.#asOwner(engine)
      const oids = new Set(owned.temporaries.map(({ oid }) => oid))
      const present = (await listTemporaries(engine)).filter(({ oid }) => oids.has(oid))
      await queryEngine(engine, dropTemporaries(present))
    }
    if (owned.hasLocks) {
      await this.#asOwner(engine)
      const unlock = 'SELECT pg_catalog.pg_advisory_unlock_all()'
      await queryEngine(engine, `${connectionIs(owned)};${unlock};${this.#freshSession}`)
    }
  }

  /** Finds out what the connection that has the session has changed. */
  async #look(engine: Engine, owned: Belongings): Promise<void> {
    const { touched } = owned
    owned.touched = 0
    if (touched & Touch.settings) {
      const rows = await queryEngine(engine, this.#settingsQuery())
      owned.settings = rows.flatMap(([statement]) => statement ?? []).join(';')
      this.#inForce = owned.settings
    }
    if (touched & Touch.temporaries) {
      const present = await listTemporaries(engine)
      owned.temporaries = present.filter((temporary) => !isParked(temporary))
    }
  }

  /** SQL whose rows are the statements that make the settings of now. */
  #settingsQuery(): string {
    const names = [...this.#customSettings].map(literal).join(', ')
    const set = `pg_catalog.format('SELECT set_config(%L, %L, false)', s.name, s.setting)`
    return `SELECT ${set} FROM pg_catalog.pg_settings s
WHERE s.source = 'session' AND s.name !~ '^transaction_'
UNION ALL SELECT ${set}
FROM (SELECT name, pg_catalog.current_setting(name, true) AS setting
  FROM pg_catalog.unnest(ARRAY[${names}]::text[]) AS name) s
WHERE s.setting <> '' AND NOT EXISTS (SELECT FROM pg_catalog.pg_settings k WHERE k.name = s.name)
UNION ALL SELECT pg_catalog.format('SET SESSION AUTHORIZATION %L', session_user)
WHERE session_user <> 'postgres'
UNION ALL SELECT pg_catalog.format('SET ROLE %L', pg_catalog.current_setting('role'))
WHERE pg_catalog.current_setting('role') <> 'none'`
  }

  async #swap(
    engine: Engine,
    hidden: readonly Temporary[],
    shown: readonly Temporary[],
  ): Promise<void> {
    await this.#asOwner(engine)
    const present = new Set((await listTemporaries(engine)).map(({ oid }) => oid))
    const still = (temporary: Temporary): boolean => present.has(temporary.oid)
    const sql = swapTemporaries(hidden.filter(still), shown.filter(still))
    if (sql !== undefined) await queryEngine(engine, sql)
  }

  /** Statements of the server's own are run by the owner of everything. */
  async #asOwner(engine: Engine): Promise<void> {
    this.#inForce = undefined
    this.#identified = undefined
    await queryEngine(engine, this.#freshSession)
  }
}

/** SQL for the initial settings that a text has reset. */
function initialSettingsOf({ initialSettings }: Belongings, text: string): string {
  if (/\b(?:reset|discard)\s+all\b/i.test(text)) return initialSettings
  const names = [...text.matchAll(/\breset\s+(\w+(?:\.\w+)*)/gi)].map(([, name]) => name ?? '')
  return names
    .flatMap((name) => {
      const literals = String.raw`E?'(?:[^']|'')*'`
      const own = new RegExp(String.raw`SELECT set_config\('${name}', ${literals}, false\)`, 'i')
      return initialSettings.match(own) ?? []
    })
    .join(';')
}

function connectionIs({ id }: Belongings): string {
  return `SELECT pg_catalog.set_config('${CONNECTION_SETTING}', '${id}', false)`
}

function newBelongings(id: number, settings: string): Belongings {
  const state = { touched: 0, temporaries: [], hasLocks: false }
  return { id, initialSettings: settings, kept: settings, settings, isNew: true, ...state }
}

import { identifier } from '../../sql/identifier.ts'
import { int32, message } from './backend-messages.ts'
import { type Engine, queryEngine } from './engine.ts'
import { replies } from './replies.ts'
import { channelNames } from './touches.ts'

/** Who may listen. */
export interface Listener {
  send(bytes: Buffer): void
}

// Listened to by a transaction that says LISTEN or UNLISTEN: one that was rolled back changes nothing,
// one that was committed leaves this, unless it said UNLISTEN *.
const MARK = 'pg_faasjs_listening'

interface Change {
  readonly who: Listener
  readonly meant: Set<string>
  /** What was run before was not in a transaction, so it cannot have been rolled back. */
  readonly isOutside: boolean
}

/**
 * Knows which connection listens to which channels, and hands notifications to those only.
 *
 * The engine's session listens to all of them. Before a connection says LISTEN or UNLISTEN, the
 * channels that it may mean are taken from the session; what is there afterwards is what it meant.
 */
export class Listeners {
  readonly #channels = new Map<Listener, ReadonlySet<string>>()
  /** Who has a LISTEN or UNLISTEN under way, and the channels it may mean. */
  #changing: Change | undefined

  /** Somebody listens, or may do so soon. */
  get isActive(): boolean {
    return this.#channels.size > 0 || this.#changing !== undefined
  }

  /**
   * SQL to be run before a text that may say LISTEN or UNLISTEN.
   *
   * @param isOutside - No transaction is open.
   */
  before(who: Listener, texts: readonly string[], isOutside: boolean): string {
    const meant = new Set([...texts.flatMap(channelNames), ...(this.#channels.get(who) ?? [])])
    if (this.#changing?.who !== who) this.#changing = { who, meant, isOutside }
    else for (const channel of meant) this.#changing.meant.add(channel)
    const own = this.#channels.get(who)
    const all = this.#all()
    const taken = [...meant].filter((channel) => all.has(channel) && !own?.has(channel))
    const statements = taken.map((channel) => `UNLISTEN ${identifier(channel)}`)
    return [...statements, `LISTEN ${MARK}`].join(';')
  }

  /** The transaction of a connection is over: takes note of what it listens to now. */
  async after(who: Listener, engine: Engine): Promise<void> {
    if (this.#changing?.who !== who) return
    const { meant, isOutside } = this.#changing
    this.#changing = undefined
    const expected = this.#all()
    const present = await this.#present(engine)
    const isRolledBack =
      !isOutside &&
      present.size === expected.size &&
      [...present].every((channel) => expected.has(channel))
    if (isRolledBack) return
    const own = new Set(
      [...present].filter((channel) => meant.has(channel) || !expected.has(channel)),
    )
    own.delete(MARK)
    if (own.size > 0) this.#channels.set(who, own)
    else this.#channels.delete(who)
    await this.#adjust(engine, present)
  }

  /** A new engine, or one that has been put back, may listen to nothing. */
  async restore(engine: Engine): Promise<void> {
    this.#changing = undefined
    if (this.#channels.size > 0) await this.#adjust(engine, await this.#present(engine))
  }

  /** A connection has gone, and its transaction is over. */
  async leave(who: Listener, engine: Engine | undefined): Promise<void> {
    if (!this.#channels.delete(who) || !engine) return
    await this.#adjust(engine, await this.#present(engine))
  }

  /**
   * Hands out the notifications in an answer, in the name of the connection that caused them, and
   * returns the answer as that connection is to see it.
   */
  route(answer: Buffer, notifier: Listener, processId: number): Buffer {
    if (!this.isActive) return answer
    const parts: Buffer[] = []
    let start = 0
    for (const reply of replies(answer)) {
      if (reply.type !== 'A') continue
      parts.push(answer.subarray(start, reply.start))
      start = reply.end
      const channel = answer.toString('utf8', reply.start + 9, answer.indexOf(0, reply.start + 9))
      const text = answer.subarray(reply.start + 9, reply.end)
      const notification = message('A', int32(processId), text)
      for (const [listener, channels] of this.#channels) {
        if (listener !== notifier && channels.has(channel)) listener.send(notification)
      }
      if (this.#hears(notifier, channel)) parts.push(notification)
    }
    return start === 0 ? answer : Buffer.concat([...parts, answer.subarray(start)])
  }

  #hears(who: Listener, channel: string): boolean {
    if (this.#channels.get(who)?.has(channel)) return true
    return this.#changing?.who === who && this.#changing.meant.has(channel)
  }

  #all(): Set<string> {
    return new Set([...this.#channels.values()].flatMap((channels) => [...channels]))
  }

  async #present(engine: Engine): Promise<Set<string>> {
    const rows = await queryEngine(engine, 'SELECT pg_catalog.pg_listening_channels()')
    return new Set(rows.map(([channel]) => channel ?? ''))
  }

  /** Makes the session listen to what connections listen to. */
  async #adjust(engine: Engine, present: ReadonlySet<string>): Promise<void> {
    const all = this.#all()
    const gone = [...present].filter((channel) => !all.has(channel))
    const missing = [...all].filter((channel) => !present.has(channel))
    const statements = [
      ...gone.map((channel) => `UNLISTEN ${identifier(channel)}`),
      ...missing.map((channel) => `LISTEN ${identifier(channel)}`),
    ]
    if (statements.length > 0) await queryEngine(engine, statements.join(';'))
  }
}

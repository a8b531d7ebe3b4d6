import { AsyncLocalStorage } from 'node:async_hooks'

import { ConfigError } from '../errors.ts'
import { deferred } from './deferred.ts'

interface Hold {
  readonly lock: SessionLock
  ended: boolean
}

const holds = new AsyncLocalStorage<readonly Hold[]>()
const locks = new WeakMap<object, SessionLock>()

/** Lends out the only session of a client, to one user at a time, in the order of asking. */
export class SessionLock {
  #tail: Promise<void> = Promise.resolve()

  /** The lock of a client: every Database opened on that client shares it. */
  static of(client: object): SessionLock {
    const known = locks.get(client)
    if (known) return known
    const lock = new SessionLock()
    locks.set(client, lock)
    return lock
  }

  /**
   * Waits for the session.
   *
   * @returns Gives it back; safe to call twice.
   * @throws {ConfigError} `ENGINE_CAPABILITY` from inside a transaction that holds it: that would wait
   *   for ever.
   */
  async acquire(label: string): Promise<() => void> {
    const isHeldHere = holds.getStore()?.some((hold) => hold.lock === this && !hold.ended)
    if (isHeldHere) {
      throw new ConfigError('ENGINE_CAPABILITY', {
        what: `${label} has a single session, and the transaction around this call holds it`,
        why: 'waiting for that session here would never end',
        fix: 'use what the callback is given: transaction((transaction) => transaction.query(…))',
      })
    }
    const before = this.#tail
    const { promise, resolve } = deferred()
    this.#tail = promise
    await before
    return resolve
  }

  /** Runs work that must not ask for the session once more. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    const hold: Hold = { lock: this, ended: false }
    try {
      return await holds.run([...(holds.getStore() ?? []), hold], work)
    } finally {
      hold.ended = true
    }
  }
}

import { createHash } from 'node:crypto'

import { KeptLayers } from '../host/kept-layers.ts'
import type { NewLayer } from '../host/protocol.ts'
import type { ServedBaseline } from './server-store.ts'

// Milliseconds: making a template takes the half of it.
const SLOW_SEED = 200

/** What seeds of test files have made, for one database on a server. */
export class ServerLayers {
  readonly #kept = new KeptLayers()
  readonly #number: (database: string) => number
  readonly #shared = new Set<string>()

  /** @param number - Gives a database, which is to be cloned, the number of a snapshot. */
  constructor(number: (database: string) => number) {
    this.#number = number
  }

  /** The number of what seeds have made before; 0 when it is not there. */
  async find(baseline: ServedBaseline, key: string): Promise<number> {
    const number = this.#kept.find(key)
    if (number !== undefined) return number
    const shared = sharedKey(baseline, key)
    const name = shared === undefined ? undefined : await baseline.run.templates.findLayer(shared)
    if (name === undefined) return 0
    this.#shared.add(name)
    const found = this.#number(name)
    this.#kept.add(key, found)
    return found
  }

  /**
   * Keeps what seeds have made; for other databases and runs as well where it took long.
   *
   * @param name - The database of its snapshot.
   * @returns the number of the snapshot that has to go for it.
   */
  async keep(
    baseline: ServedBaseline,
    { key, snapshot, duration }: NewLayer,
    name: string,
  ): Promise<number | undefined> {
    const shared = duration < SLOW_SEED ? undefined : sharedKey(baseline, key)
    // A full disk, or a role that may not: then they run again next time.
    if (shared !== undefined) await baseline.run.templates.keepLayer(shared, name).catch(() => {})
    return this.#kept.add(key, snapshot)
  }

  /** It is a template, which others use as well. */
  isShared(name: string): boolean {
    return this.#shared.has(name)
  }
}

/** Undefined for a baseline that only this run knows. */
function sharedKey({ run, template }: ServedBaseline, key: string): string | undefined {
  if (!run.templates.isShared(template.name)) return undefined
  return createHash('sha256').update(`${template.name} ${key}`).digest('hex').slice(0, 32)
}

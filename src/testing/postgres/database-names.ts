import { createHash, randomBytes } from 'node:crypto'

/** PostgreSQL cuts longer names off. */
const MAX_BYTES = 63

/**
 * The names of the databases that runs make on a server. Each begins with what tells them from everybody
 * else's, and from those of runs that hold their leases in another maintenance database.
 */
export class DatabaseNames {
  readonly #runPrefix: string
  readonly #templatePrefix: string

  constructor(maintenanceDatabase: string) {
    const place = hash(maintenanceDatabase, 4)
    this.#runPrefix = `fpg_${place}_`
    this.#templatePrefix = `fpgt_${place}_`
  }

  /** A name for a run that no other one has: eight hexadecimal digits. */
  static newRun(): string {
    return randomBytes(4).toString('hex')
  }

  /** @param slot - What the database is for: project and slot. */
  ofSlot(run: string, slot: string): string {
    const readable = slot.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')
    const name = `${this.#runPrefix}${run}_${readable}`
    // Two slots whose names differ in what was replaced need different databases, too.
    if (readable === slot && name.length <= MAX_BYTES) return name
    const suffix = `_${hash(slot, 8)}`
    return name.slice(0, MAX_BYTES - suffix.length) + suffix
  }

  /** No run's by its form: that is what keeps it from being swept away with one. */
  ofKept(run: string, number: number): string {
    return `${this.#runPrefix}failed_${run}_${number}`
  }

  isKept(name: string): boolean {
    return name.startsWith(`${this.#runPrefix}failed_`)
  }

  ofTemplate(key: string): string {
    return this.#templatePrefix + key
  }

  /** The run that a database belongs to; undefined when it is no run's. */
  runOf(name: string): string | undefined {
    if (!name.startsWith(this.#runPrefix)) return undefined
    return /^([0-9a-f]{8})_/.exec(name.slice(this.#runPrefix.length))?.[1]
  }

  isTemplate(name: string): boolean {
    return name.startsWith(this.#templatePrefix)
  }
}

function hash(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length)
}

// Each holds 10 to 20 MB, or a database on a server.
const KEPT = 3

/** The snapshots of seeds that one database can be put back to, those used last. */
export class KeptLayers {
  readonly #numbers = new Map<string, number>()

  /** The number of a snapshot, which counts as used now. */
  find(key: string): number | undefined {
    const number = this.#numbers.get(key)
    if (number === undefined) return undefined
    this.#numbers.delete(key)
    this.#numbers.set(key, number)
    return number
  }

  /** @returns the number of the one that has to go for it; undefined when none has. */
  add(key: string, number: number): number | undefined {
    const before = this.#numbers.get(key)
    this.#numbers.delete(key)
    this.#numbers.set(key, number)
    if (before !== undefined) return before === number ? undefined : before
    const [oldest] = this.#numbers.keys()
    if (this.#numbers.size <= KEPT || oldest === undefined) return undefined
    const dropped = this.#numbers.get(oldest)
    this.#numbers.delete(oldest)
    return dropped
  }

  forget(key: string): void {
    this.#numbers.delete(key)
  }

  clear(): void {
    this.#numbers.clear()
  }

  get numbers(): ReadonlySet<number> {
    return new Set(this.#numbers.values())
  }
}

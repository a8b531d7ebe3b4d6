import { randomUUID } from 'node:crypto'

import type { Column } from './catalog.ts'

/** Where numbers come from. No rollback takes them back, as in PostgreSQL. */
export class Sequences {
  #next = new Map<string, number>()
  #row = 0
  #moves: ReadonlyMap<number, number> = new Map()

  /** For the order in which rows are written. */
  nextRow(): number {
    this.#row += 1
    return this.#row
  }

  /** Gives rows that are about to change new places, in the order of their old ones. */
  planMoves(places: readonly number[]): void {
    const ordered = places.toSorted((a, b) => a - b)
    this.#moves = new Map(ordered.map((place) => [place, this.nextRow()]))
  }

  /** The new place of a row. */
  movedRow(place: number): number {
    return this.#moves.get(place) ?? this.nextRow()
  }

  /** What a column gets that a statement leaves out. */
  defaultOf({ default: given }: Column, now: Date): unknown {
    switch (given?.kind) {
      case 'value':
        return given.value
      case 'now':
        return now
      case 'uuid':
        return randomUUID()
      case 'sequence': {
        const number = this.#next.get(given.sequence) ?? 1
        this.#next.set(given.sequence, number + 1)
        return number
      }
      default:
        return null
    }
  }

  /** Begins again with 1. */
  restart(sequence: string): void {
    this.#next.delete(sequence)
  }

  /** Notes where they are; the function goes back there. */
  mark(): () => void {
    const [next, row] = [new Map(this.#next), this.#row]
    return () => {
      this.#next = new Map(next)
      this.#row = row
    }
  }
}

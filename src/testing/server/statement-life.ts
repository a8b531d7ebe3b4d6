import type { Inbox, RunUnit } from './inbox.ts'
import { replies, withoutLeading } from './replies.ts'
import { closeStatement } from './statements.ts'

/** Messages that make the engine know the statements of a unit, to be run before it. */
export interface Replay {
  readonly messages: readonly Buffer[]
  /** The answer without what these messages caused. */
  strip(answer: Buffer): Buffer
}

/**
 * Keeps book of which prepared statements the engine still has.
 *
 * The engine drops them when it is replaced, when a connection says `DISCARD ALL`, and the unnamed
 * one whenever anybody uses that name. Clients must not notice: what they prepared is prepared
 * again when they use it.
 */
export class StatementLife {
  #number = 1
  #unnamedOf: Inbox | undefined

  /** Counts the times all statements were lost. */
  get number(): number {
    return this.#number
  }

  /** The engine has no statements any more, or may have none. */
  end(): void {
    this.#number++
    this.#unnamedOf = undefined
  }

  /** Other messages than a client's own were run: they took the unnamed statement. */
  loseUnnamed(): void {
    this.#unnamedOf = undefined
  }

  replay(inbox: Inbox, unit: RunUnit): Replay {
    const messages: Buffer[] = []
    const types: string[] = []
    for (const statement of unit.uses) {
      if (statement.alias === '') {
        if (this.#unnamedOf === inbox) continue
        this.#unnamedOf = inbox
      } else {
        if (statement.preparedIn === this.#number) continue
        // It may be there after all: then it must go first.
        messages.push(closeStatement(statement.alias))
        types.push('3')
      }
      messages.push(statement.parse)
      types.push('1')
      statement.preparedIn = this.#number
    }
    return {
      messages,
      strip: (answer) => (types.length > 0 ? withoutLeading(answer, types) : answer),
    }
  }

  /** Draws the conclusions of a unit that was run. */
  settle(inbox: Inbox, unit: RunUnit, answer: Buffer): void {
    if (/\b(?:deallocate|discard)\b/i.test(unit.sql)) {
      if (/\ball\b/i.test(unit.sql)) inbox.statements.clear()
      this.end()
    }
    if (unit.simple) this.#unnamedOf = undefined
    if (unit.defines.length === 0) return

    let prepared = 0
    for (const reply of replies(answer)) if (reply.type === '1') prepared++
    for (const definition of unit.defines.slice(prepared)) inbox.statements.undo(definition)
    for (const { statement } of unit.defines.slice(0, prepared)) {
      statement.preparedIn = this.#number
      if (statement.alias === '') this.#unnamedOf = inbox
    }
  }
}

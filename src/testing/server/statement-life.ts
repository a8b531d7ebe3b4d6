import type { Inbox, RunUnit } from './inbox.ts'
import { replies, withoutLeading } from './replies.ts'
import { closeStatement } from './statements.ts'

/** The messages of a unit, after others that make the engine know its statements. */
export interface Replay {
  readonly messages: readonly Buffer[]
  /** The answer without what these others caused. */
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
    if (unit.uses.size === 0) return { messages: unit.bytes, strip: asItIs }
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
      messages: [...messages, ...unit.bytes],
      strip: (answer) => withoutLeading(answer, types),
    }
  }

  /** Draws the conclusions of a unit that was run. */
  settle(inbox: Inbox, unit: RunUnit, answer: Buffer): void {
    if (unit.drops !== 'none') {
      if (unit.drops === 'all') inbox.statements.clear()
      this.end()
    }
    if (unit.simple) this.#unnamedOf = undefined
    if (unit.defines.length === 0) return

    const parsed = countParsed(answer, unit.defines.length)
    for (const [index, definition] of unit.defines.entries()) {
      if (index >= parsed) {
        inbox.statements.undo(definition)
        continue
      }
      const { statement } = definition
      statement.preparedIn = this.#number
      if (statement.alias === '') this.#unnamedOf = inbox
    }
  }
}

/** How many ParseComplete messages are in an answer, up to a number: rows after the last one are not walked through. */
function countParsed(answer: Buffer, most: number): number {
  let parsed = 0
  for (const reply of replies(answer)) {
    if (reply.type === '1' && ++parsed === most) break
  }
  return parsed
}

function asItIs(answer: Buffer): Buffer {
  return answer
}

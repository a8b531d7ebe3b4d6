import { type Control, controlParts, type Part } from './control-statement.ts'
import { textAt, typeOf, valuesAt } from './frontend-messages.ts'
import { mayBeLocal } from './local-settings.ts'

/** What a message runs. */
export interface Step {
  readonly sql: string
  /** Values that may be names of settings. */
  readonly values: readonly string[]
  /** Its statements, when one of them has to do with transactions. */
  readonly parts: readonly Part[] | undefined
}

interface Statement {
  readonly sql: string
  readonly control: Control | undefined
}

const CHANGES_SCHEMA = /\b(?:create|alter|drop)\b/i
const BODY = 5

/** A text may make or drop constraints. */
export function changesSchema(sql: string): boolean {
  return CHANGES_SCHEMA.test(sql)
}

/** Knows the texts of statements that are prepared and run by messages. */
export class PreparedTexts {
  readonly #statements = new Map<string, Statement>()
  readonly #portals = new Map<string, Step>()

  /** Remembers what a message prepares, and returns what it runs; undefined when that is nothing. */
  note(one: Buffer): Step | undefined {
    switch (typeOf(one)) {
      case 'Q': {
        const [sql] = textAt(one, BODY)
        return { sql, values: [], parts: controlParts(sql) }
      }
      case 'P':
        return this.#parse(one)
      case 'B':
        return this.#bind(one)
      case 'E':
        return this.#portals.get(textAt(one, BODY)[0])
      default:
        return undefined
    }
  }

  #parse(one: Buffer): undefined {
    const [name, textStart] = textAt(one, BODY)
    const [sql] = textAt(one, textStart)
    // There is one statement in it, or an error.
    this.#statements.set(name, { sql, control: controlParts(sql)?.[0]?.control })
  }

  #bind(one: Buffer): undefined {
    const [portal, nameStart] = textAt(one, BODY)
    const [name, end] = textAt(one, nameStart)
    const statement = this.#statements.get(name)
    if (!statement) {
      this.#portals.delete(portal)
      return
    }
    const { sql, control } = statement
    const values = mayBeLocal(sql) ? valuesAt(one, end) : []
    this.#portals.set(portal, { sql, values, parts: control && [{ sql, control }] })
  }
}

import { cstring, message } from './backend-messages.ts'
import { endOfText, textOf } from './message-format.ts'
import type { Text } from './texts.ts'

/** A prepared statement of one connection. */
export interface Statement {
  /** Its name in the engine, where all connections share one name space; empty when unnamed. */
  readonly alias: string
  readonly sql: string
  readonly text: Text
  /** The Parse message under that name, to prepare it again when the engine has lost it. */
  readonly parse: Buffer
  /** The life of the engine's statements in which this one was prepared last. */
  preparedIn: number
}

/** A Parse message that is on its way to the engine. */
export interface Definition {
  readonly name: string
  readonly statement: Statement
  readonly previous: Statement | undefined
}

/**
 * The prepared statements of one connection.
 *
 * Names become `s<connection>_<n>` in the engine: two connections may use the same name, and one
 * that is 63 bytes long stays unique.
 */
export class Statements {
  readonly #connectionId: number
  readonly #byName = new Map<string, Statement>()
  /** Names in the engine of what SQL may have prepared. */
  readonly #bySql = new Set<string>()
  #count = 0

  constructor(connectionId: number) {
    this.#connectionId = connectionId
  }

  /** The name in the engine of a statement that is prepared by SQL, or by a message. */
  aliasOf(name: string): string {
    const known = this.#byName.get(name)
    if (known && known.alias !== '') return known.alias
    const alias = `p${this.#connectionId}_${name}`
    this.#bySql.add(alias)
    return alias
  }

  get(name: string): Statement | undefined {
    return this.#byName.get(name)
  }

  /**
   * Notes a Parse message and returns the statement; undefined when the message is malformed, which is for the
   * engine to say.
   *
   * @param read - Reads its text.
   * @param replacement - What stands in for its text, if anything.
   */
  define(
    parse: Buffer,
    life: number,
    read: (sql: string) => Text,
    replacement: (sql: string, text: Text) => string | undefined,
  ): Definition | undefined {
    const nameEnd = endOfText(parse, 5)
    const textEnd = endOfText(parse, nameEnd + 1)
    if (nameEnd < 0 || textEnd < 0) return undefined
    const name = textOf(parse, 5, nameEnd)
    const sql = parse.toString('utf8', nameEnd + 1, textEnd)
    const previous = this.#byName.get(name)
    const alias = name === '' ? '' : (previous?.alias ?? `s${this.#connectionId}_${++this.#count}`)
    const text = read(sql)
    const replaced = replacement(sql, text)
    const statement: Statement = {
      alias,
      sql,
      text,
      parse:
        alias === name && replaced === undefined
          ? parse
          : message('P', cstring(alias), cstring(replaced ?? sql), parse.subarray(textEnd + 1)),
      preparedIn: life,
    }
    this.#byName.set(name, statement)
    return { name, statement, previous }
  }

  /** Takes a definition back that the engine refused. */
  undo(definition: Definition): void {
    if (this.#byName.get(definition.name) !== definition.statement) return
    if (definition.previous) this.#byName.set(definition.name, definition.previous)
    else this.#byName.delete(definition.name)
  }

  delete(name: string): Statement | undefined {
    const statement = this.#byName.get(name)
    this.#byName.delete(name)
    return statement
  }

  /** Forgets all of them, as after `DEALLOCATE ALL`. */
  clear(): void {
    this.#byName.clear()
    this.#bySql.clear()
  }

  /** Messages that remove all of them from the engine. */
  closeAll(): Buffer[] {
    const named = [...this.#byName.values()].filter((statement) => statement.alias !== '')
    const aliases = new Set([...named.map((statement) => statement.alias), ...this.#bySql])
    return [...aliases].map(closeStatement)
  }
}

/** A Close message for a statement of the engine. */
export function closeStatement(alias: string): Buffer {
  return message('C', 'S', cstring(alias))
}

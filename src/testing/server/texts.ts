import { type CopyStatement, copyStatement } from './copy-statement.ts'
import { touchesOf } from './touches.ts'

/** What a text says, as far as it has to be known before it is run. */
export interface Text {
  /** What is run in its place; undefined for those that are run as they are. */
  readonly replacement: string | undefined
  readonly copy: CopyStatement | undefined
  /** What running it may change in the session (`Touch`). */
  readonly touches: number
  /** It may drop prepared statements. */
  readonly drops: 'none' | 'some' | 'all'
}

// Tests run the same few texts again and again.
const KEPT = 500
const LONGEST = 4096

/** Knows texts: reads each once, as long as there are not too many. */
export class Texts {
  readonly #replace: (sql: string) => string | undefined
  readonly #known = new Map<string, Text>()

  /** @param replace - What is run in place of a text; undefined for those that are run as they are. */
  constructor(replace: (sql: string) => string | undefined) {
    this.#replace = replace
  }

  of(sql: string): Text {
    const known = this.#known.get(sql)
    if (known) return known
    const text = read(sql, this.#replace(sql))
    if (sql.length > LONGEST) return text
    if (this.#known.size >= KEPT) this.#known.clear()
    this.#known.set(sql, text)
    return text
  }
}

function read(sql: string, replacement: string | undefined): Text {
  const drops = /\b(?:deallocate|discard)\b/i.test(sql)
  return {
    replacement,
    copy: copyStatement(replacement ?? sql),
    touches: touchesOf(sql),
    drops: !drops ? 'none' : /\ball\b/i.test(sql) ? 'all' : 'some',
  }
}

import { MigrationFileError } from '../errors.ts'
import { sqlTokens } from '../lexer/sql-tokens.ts'
import type { SqlToken } from '../lexer/sql-tokens.ts'

/** One statement of an SQL text. */
export interface SqlStatement {
  /** The statement without its semicolon, and without white space or comments around it. */
  readonly sql: string
  /** The line of the text on which it begins; the first is 1. */
  readonly line: number
}

/**
 * Cuts SQL text at the semicolons that end statements: not at those in strings, quoted names,
 * comments, dollar quotes, parentheses (rules) or `BEGIN ATOMIC … END` bodies.
 *
 * @param text - SQL as a file holds it; a backslash in a plain string is a character like any other.
 * @throws {MigrationFileError} `BAD_SQL` with the line, for psql's own commands (`\connect`), for
 *   `COPY … FROM stdin` with its data, and for what is opened and never closed.
 */
export function splitStatements(text: string): SqlStatement[] {
  return new Splitter(text.replace(/^\ufeff/, '')).all()
}

class Splitter {
  readonly #text: string
  readonly #found: SqlStatement[] = []
  /** The tokens of the current statement. */
  #tokens: SqlToken[] = []
  #parentheses = 0
  #bodies = 0
  /** The line that begins at this place. */
  #counted = { at: 0, line: 1 }

  constructor(text: string) {
    this.#text = text
  }

  all(): SqlStatement[] {
    for (const token of sqlTokens(this.#text)) {
      if (token.text === ';' && this.#parentheses <= 0 && this.#bodies === 0) this.#finish()
      else this.#add(token)
    }
    this.#finish()
    return this.#found
  }

  #add(token: SqlToken): void {
    const { kind, text, at } = token
    if (kind === 'unclosed') throw this.#unclosed(unclosedThing(text), at)
    if (text === '\\') {
      throw this.#problem('a command of psql', at, {
        why: 'psql reads it, PostgreSQL does not',
        fix: 'remove it; lines such as \\restrict in a dump can go, and pg_dump --inserts writes the others as SQL',
      })
    }
    this.#tokens.push(token)
    if (text === '(') this.#parentheses += 1
    if (text === ')') this.#parentheses -= 1
    if (kind === 'word') this.#followBody(text.toLowerCase())
  }

  /** Follows `BEGIN ATOMIC … END` of SQL-standard functions; `CASE … END` can stand inside. */
  #followBody(word: string): void {
    if (this.#parentheses > 0 || !this.#isRoutine()) return
    if (word === 'begin') this.#bodies += 1
    if (word === 'case' && this.#bodies > 0) this.#bodies += 1
    if (word === 'end' && this.#bodies > 0) this.#bodies -= 1
  }

  #isRoutine(): boolean {
    return /^create (or replace )?(function|procedure)/.test(this.#firstWords())
  }

  #firstWords(): string {
    return this.#tokens
      .slice(0, 4)
      .map(({ text }) => text.toLowerCase())
      .join(' ')
  }

  #finish(): void {
    const [first] = this.#tokens
    const last = this.#tokens.at(-1)
    if (first && last) {
      const sql = this.#text.slice(first.at, last.at + last.text.length)
      if (this.#bodies > 0) throw this.#unclosed('a BEGIN ATOMIC body', first.at)
      if (this.#firstWords().startsWith('copy') && /\bfrom\s+stdin\b/i.test(sql)) {
        throw this.#problem('COPY … FROM stdin', first.at, {
          why: 'its rows are data of psql, not SQL',
          fix: 'write the rows as INSERT; pg_dump does so with --inserts',
        })
      }
      this.#found.push({ sql, line: this.#line(first.at) })
    }
    this.#tokens = []
    this.#parentheses = 0
    this.#bodies = 0
  }

  /** Counts on from the last place asked for: from the start each time would be quadratic. */
  #line(at: number): number {
    if (at < this.#counted.at) this.#counted = { at: 0, line: 1 }
    let { at: next, line } = this.#counted
    for (;;) {
      const end = this.#text.indexOf('\n', next)
      if (end === -1 || end >= at) break
      line += 1
      next = end + 1
    }
    this.#counted = { at: next, line }
    return line
  }

  #unclosed(what: string, at: number): MigrationFileError {
    return this.#problem(`${what} that is never closed`, at, { fix: 'close it' })
  }

  #problem(
    what: string,
    at: number,
    parts: { readonly why?: string; readonly fix: string },
  ): MigrationFileError {
    const line = this.#line(at)
    return new MigrationFileError('BAD_SQL', {
      what: `line ${line} has ${what}`,
      sql: this.#text.slice(at).split('\n')[0]?.slice(0, 80),
      ...parts,
      details: { line },
    })
  }
}

function unclosedThing(text: string): string {
  if (text.startsWith('/*')) return 'a comment'
  if (text.startsWith('"')) return 'a quoted name'
  const [tag] = /^\$\w*\$/.exec(text) ?? []
  return tag === undefined ? 'a string' : `a dollar quote (${tag})`
}

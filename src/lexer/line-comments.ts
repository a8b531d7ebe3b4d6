import { sqlTokens } from './sql-tokens.ts'

/** A comment from `--` to the end of its line. */
export interface LineComment {
  readonly text: string
  /** Where it begins. */
  readonly at: number
  /** Nothing but white space stands before it on its line. */
  readonly isAlone: boolean
}

/** The line comments of SQL: not what looks like one in a string, a dollar quote or another comment. */
export function* lineComments(sql: string): Generator<LineComment> {
  let end = 0
  for (const { kind, text, at } of sqlTokens(sql)) {
    yield* commentsBetween(sql, end, at)
    if (kind === 'unclosed') return
    end = at + text.length
  }
  yield* commentsBetween(sql, end, sql.length)
}

/** Of a stretch without tokens: white space, line comments and nested block comments. */
function* commentsBetween(sql: string, from: number, to: number): Generator<LineComment> {
  let depth = 0
  for (let at = from; at < to;) {
    if (depth === 0 && sql.startsWith('--', at)) {
      const lineEnd = sql.indexOf('\n', at)
      const text = sql.slice(at, lineEnd === -1 ? to : lineEnd)
      const before = sql.slice(sql.lastIndexOf('\n', at) + 1, at)
      yield { text: text.trimEnd(), at, isAlone: before.trim() === '' }
      at += text.length
    } else if (sql.startsWith('/*', at)) {
      depth += 1
      at += 2
    } else if (sql.startsWith('*/', at)) {
      depth -= 1
      at += 2
    } else {
      at += 1
    }
  }
}

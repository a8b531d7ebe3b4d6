/** A piece of SQL; white space and comments are left out. */
export interface SqlToken {
  /** `unclosed` is a quote or comment without its end; nothing comes after it. */
  readonly kind: 'word' | 'quoted' | 'symbol' | 'unclosed'
  readonly text: string
  /** Where it begins. */
  readonly at: number
  /** A plain string with a backslash before its quote: whether it ends there is up to the session. */
  readonly isAmbiguous?: true
}

const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y
const BLANK = /\s+|--[^\n]*/y
const QUOTED_NAME = /"[^"]*"/y
const STRING = /'[^']*'/y
// Unrolled: an alternative per character would exhaust the stack on a long string.
const ESCAPE_STRING = /[eE]'[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*'/y
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y
const NUMBER = /\d[\w.]*|\$\d+/y

/**
 * Cuts SQL into its tokens, as far as is needed to tell what is in quotes from what is not.
 */
export function* sqlTokens(sql: string): Generator<SqlToken> {
  for (let at = 0; at < sql.length;) {
    const blank = matchAt(BLANK, sql, at)
    const end = blank === undefined ? behindComment(sql, at) : at + blank.length
    if (end === -1) return yield { kind: 'unclosed', text: sql.slice(at), at }
    if (end > at) {
      at = end
      continue
    }
    const token = tokenAt(sql, at)
    yield token
    at += token.text.length
  }
}

function tokenAt(sql: string, at: number): SqlToken {
  const escaped = matchAt(ESCAPE_STRING, sql, at)
  if (escaped !== undefined) return { kind: 'quoted', text: escaped, at }
  if (/^[eE]'/.test(sql.slice(at, at + 2))) return { kind: 'unclosed', text: sql.slice(at), at }
  const word = matchAt(WORD, sql, at)
  if (word !== undefined) return { kind: 'word', text: word, at }
  const quoted = quotedAt(sql, at)
  if (quoted !== undefined) return quoted
  return { kind: 'symbol', text: matchAt(NUMBER, sql, at) ?? sql.charAt(at), at }
}

function quotedAt(sql: string, at: number): SqlToken | undefined {
  let text: string | undefined
  const tag = matchAt(DOLLAR_TAG, sql, at)
  if (sql[at] === '"') text = matchAt(QUOTED_NAME, sql, at)
  else if (sql[at] === "'") text = matchAt(STRING, sql, at)
  else if (tag === undefined) return undefined
  else {
    const close = sql.indexOf(tag, at + tag.length)
    if (close !== -1) text = sql.slice(at, close + tag.length)
  }
  if (text === undefined) return { kind: 'unclosed', text: sql.slice(at), at }
  return { kind: 'quoted', text, at, ...(text.endsWith("\\'") && { isAmbiguous: true }) }
}

/** Behind the comment that begins at a place, which itself when none does; -1 for an unclosed one. */
function behindComment(sql: string, start: number): number {
  if (!sql.startsWith('/*', start)) return start
  let depth = 0
  for (let at = start; at < sql.length; at++) {
    if (sql.startsWith('/*', at)) depth++
    else if (sql.startsWith('*/', at)) depth--
    else continue
    at++
    if (depth === 0) return at + 1
  }
  return -1
}

function matchAt(pattern: RegExp, sql: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(sql)?.[0]
}

/** A COPY that the embedded engine cannot run as it is. */
export type CopyStatement =
  /** Needs rows from the client, which the engine cannot wait for. */
  | { readonly kind: 'from-client'; readonly binary: boolean }
  /** Needs another process, which the engine cannot start. */
  | { readonly kind: 'program' }
  /** Mentions both words somewhere: part of several statements, or just text. */
  | { readonly kind: 'unclear' }

/** Blanks, comments, quoted texts, words, and single characters of all else. */
export const TOKEN: RegExp =
  /\s+|--[^\n]*|\/\*[\s\S]*?\*\/|(?:[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*')|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\1\$|[\p{L}_][\p{L}\p{N}_$]*|[\s\S]/gu

/**
 * Cuts a text into statements, and these into words in lower case. A word inside parentheses begins
 * with one: `(format`.
 */
export function statementsOf(sql: string): string[][] {
  const statements: string[][] = []
  let words: string[] = []
  let depth = 0
  for (const [token] of sql.matchAll(TOKEN)) {
    if (/^(?:\s|--|\/\*)/.test(token)) continue
    if (token === ';') {
      if (words.length > 0) statements.push(words)
      words = []
      depth = 0
      continue
    }
    if (token === '(') depth++
    words.push(depth > 0 && token !== '(' ? `(${token.toLowerCase()}` : token.toLowerCase())
    if (token === ')') depth--
  }
  if (words.length > 0) statements.push(words)
  return statements
}

/**
 * Finds out whether a text is one `COPY … FROM STDIN` or `COPY … PROGRAM`.
 *
 * Texts without the words cost one search each; only the others are cut into tokens.
 */
export function copyStatement(sql: string): CopyStatement | undefined {
  if (!/\bcopy\b/i.test(sql) || !/\b(?:stdin|program)\b/i.test(sql)) return undefined

  const [words, ...others] = statementsOf(sql)
  if (words?.[0] !== 'copy' || others.length > 0) return { kind: 'unclear' }

  const at = words.findLastIndex((word) => word === 'from' || word === 'to')
  const target = words[at + 1]
  if (target === 'program') return { kind: 'program' }
  if (words[at] !== 'from' || target !== 'stdin') return { kind: 'unclear' }
  return { kind: 'from-client', binary: words.includes('binary') || words.includes('(binary') }
}

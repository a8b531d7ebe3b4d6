import { sqlTokens } from '../../lexer/sql-tokens.ts'

/** Words of SQL that can name nothing of a user unless they are quoted, and PostgreSQL's own types. */
const OWN_WORDS: ReadonlySet<string> = new Set(
  `all and any array as asc between bigint bool boolean bytea case cast char character check collate
  column constraint create current_date current_timestamp current_user date decimal default desc
  distinct double else end except exists false float for foreign from grant in inet int int4 int8
  integer interval is json jsonb like limit not null numeric now offset on or order precision primary
  real references select set smallint table text then timestamp timestamptz to true union unique
  using uuid values varchar varying when where with`.split(/\s+/),
)

/**
 * Every name that a piece of SQL may speak of: unquoted words in lower case, quoted names as they
 * are, and the words inside strings, which may be SQL themselves. More rather than less.
 */
export function namesIn(sql: string): Set<string> {
  const names = new Set<string>()
  for (const { kind, text } of sqlTokens(sql)) {
    if (kind === 'symbol') continue
    if (kind === 'word') addWord(names, text)
    else if (text.startsWith('"') && kind === 'quoted') names.add(text.slice(1, -1))
    else for (const word of wordsIn(text)) addWord(names, word)
  }
  // A quote inside a quoted name, or a Unicode escape: what is named cannot be told by tokens.
  if (/""|[uU]&["']/.test(sql)) for (const word of wordsIn(sql)) addWord(names, word)
  return names
}

/** Whether what is said anywhere in a value, as SQL or as a name, may speak of this name. */
export function mentions(value: unknown, name: string): boolean {
  return texts(value).some((text) => text === name || namesIn(text).has(name))
}

/** All names that the strings in a value may speak of. */
export function namesOf(value: unknown): Set<string> {
  return new Set(texts(value).flatMap((text) => [text, ...namesIn(text)]))
}

function addWord(names: Set<string>, word: string): void {
  const lower = word.toLowerCase()
  if (OWN_WORDS.has(lower)) return
  names.add(lower)
  names.add(word)
}

function wordsIn(text: string): string[] {
  return text.match(/[\p{L}_][\p{L}\p{N}_$]*/gu) ?? []
}

/** The strings of a value, without those that only say what sort of thing it is. */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap(texts)
  const isComment = 'kind' in value && value.kind === 'comment'
  return Object.entries(value).flatMap(([key, field]) =>
    key === 'kind' || (isComment && key !== 'on') ? [] : texts(field),
  )
}

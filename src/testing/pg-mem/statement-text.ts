import { sqlTokens } from '../../lexer/sql-tokens.ts'

/** What a statement of the session says that the parser of pg-mem does not know. */
export type Command =
  | { readonly kind: 'begin' | 'commit' | 'rollback' }
  | { readonly kind: 'savepoint' | 'release' | 'rollback to'; readonly name: string }
  | { readonly kind: 'set' | 'other' }
  | { readonly kind: 'validate'; readonly table: string; readonly constraint: string }
  /** Constraints that do not look at the rows that are there. */
  | { readonly kind: 'not valid'; readonly sql: string }

/** Without effect where nobody waits for anybody, and statements are never planned. */
const HARMLESS = new Set([
  'lock_timeout',
  'statement_timeout',
  'idle_in_transaction_session_timeout',
  'application_name',
  'client_min_messages',
  'transaction_timeout',
])

export function commandOf(sql: string): Command {
  const words = [...sqlTokens(sql)].map(({ kind, text }) =>
    kind === 'word' ? text.toLowerCase() : text,
  )
  const said = words.join(' ')
  if (/^(begin|start transaction)( work| transaction)?$/.test(said)) return { kind: 'begin' }
  if (/^(commit|end)( work| transaction)?$/.test(said)) return { kind: 'commit' }
  if (/^(rollback|abort)( work| transaction)?$/.test(said)) return { kind: 'rollback' }
  const name = nameIn(words.at(-1) ?? '')
  if (/^savepoint \S+$/.test(said)) return { kind: 'savepoint', name }
  if (/^release( savepoint)? \S+$/.test(said)) return { kind: 'release', name }
  if (/^rollback( work| transaction)? to( savepoint)? \S+$/.test(said)) {
    return { kind: 'rollback to', name }
  }
  const setting = /^set (?:local |session )?(\w+) (?:=|to) \S+$/.exec(said)?.[1]
  if (setting !== undefined && HARMLESS.has(setting)) return { kind: 'set' }
  const validated = /^alter table (\S+) validate constraint (\S+)$/.exec(said)
  if (validated) {
    const [, table = '', constraint = ''] = validated
    return { kind: 'validate', table: nameIn(table), constraint: nameIn(constraint) }
  }
  if (/^alter table .* not valid$/s.test(said)) {
    return { kind: 'not valid', sql: sql.replace(/\s+not\s+valid\s*$/i, '') }
  }
  return { kind: 'other' }
}

function nameIn(word: string): string {
  return word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : word
}

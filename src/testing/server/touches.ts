/** Parts of the session that a statement may change for those who come after it, as bits. */
export const Touch = {
  settings: 1,
  temporaries: 2,
  channels: 4,
  /** Advisory locks, or what depends on which connection asks. */
  identity: 8,
} as const

const BLOCK_START = String.raw`(?:^|[;'$]|\b(?:begin|then|else|loop)\b)`
const COMMENTS = String.raw`(?:\s|--[^\n]*(?:\n|$)|/\*[\s\S]*?\*/)*`

const ANY =
  /\b(?:set|reset|set_config|discard|load|create|into|listen|unlisten)\b|pg_temp|advisory|\bpg_(?:backend_pid|locks|stat_activity)\b/i
const SETTINGS = new RegExp(
  String.raw`${BLOCK_START}${COMMENTS}(?:set(?!\s+local\b)|reset|discard|load)\b|\bset_config\b`,
  'i',
)
// Ends with the transaction, which nobody interrupts.
const LOCAL_SET_CONFIG = /\bset_config\s*\((?:[^()]|\([^()]*\))*,\s*true\s*\)/gi
const TEMPORARIES =
  /\b(?:create|replace|into)\s+(?:local\s+|global\s+)?temp(?:orary)?\b|\bpg_temp\b|\bdiscard\b/i
const CHANNELS = /\b(?:un)?listen\b|\bdiscard\b/i
const IDENTITY = /advisory|\bdiscard\b|\bpg_(?:backend_pid|locks|stat_activity)\b/i

/**
 * What a text may change, judged by its words: too much rather than too little, as a wrong yes costs
 * one more query and a wrong no leaks. 0 for most, at the cost of one search.
 */
export function touchesOf(sql: string): number {
  if (!ANY.test(sql)) return 0
  return (
    (SETTINGS.test(sql.replace(LOCAL_SET_CONFIG, '')) ? Touch.settings : 0) |
    (TEMPORARIES.test(sql) ? Touch.temporaries : 0) |
    (CHANNELS.test(sql) ? Touch.channels : 0) |
    (IDENTITY.test(sql) ? Touch.identity : 0)
  )
}

/** The text defines a function: what is in it may happen whenever somebody runs anything. */
export function definesFunction(sql: string): boolean {
  return /\bcreate\s+(?:or\s+replace\s+)?(?:function|procedure)\b/i.test(sql)
}

const CUSTOM_SETTING =
  /\bset\s+(?:session\s+|local\s+)?([a-z_][\w$]*\.[\w$.]+)|\bset_config\s*\(\s*'([^']+\.[^']+)'/gi

/**
 * Names of a user's own settings (`app.user_id`) that a text makes: the server does not list them.
 *
 * @param parameters - Where names may come from that are not in the text.
 */
export function customSettings(text: string, parameters: () => string = () => ''): string[] {
  const named = [...text.matchAll(CUSTOM_SETTING)].map(([, set, config]) => set ?? config ?? '')
  if (!/\bset_config\s*\(\s*[^'\s]/i.test(text)) return named
  return [...named, ...(parameters().match(/\b[a-z_][\w$]*\.[a-z_][\w$.]*\b/gi) ?? [])]
}

/** Names of channels that a text may begin or cease to listen to. */
export function channelNames(sql: string): string[] {
  const found = sql.matchAll(/\b(?:un)?listen\s+(?:"((?:[^"]|"")+)"|([\p{L}_][\p{L}\p{N}_$]*))/giu)
  return [...found].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '').toLowerCase() : quoted.replaceAll('""', '"'),
  )
}

const PRELUDE = new RegExp(
  String.raw`^${COMMENTS}(?:;|$|(?:set(?!\s+local\b)|reset|show)\b` +
    String.raw`|select\s+(?:pg_catalog\.)?(?:set_config|version)\s*\(` +
    // What clients want to know about types.
    String.raw`|select\b[^;]*\bfrom\s+pg_(?:catalog\.|type\b))`,
  'i',
)

/** What clients say at the beginning of a connection: settings, and questions about the server. */
export function isPrelude(sql: string): boolean {
  return PRELUDE.test(sql)
}

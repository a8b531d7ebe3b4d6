import { identifier } from '../../../sql/identifier.ts'
import { literal } from '../../../sql/literal.ts'

const SUSPECT = /\bset\s+local\b|\bset_config\b/i
const SET =
  /\bset\s+(local\s+|session\s+)?(time\s+zone|role|session\s+authorization|[a-z_][\w$]*(?:\.[\w$.]+)?)\s*(?:=|\bto\b|\s)/gi
const STRING = "'(?:[^']|'')*'"
/** The name, where it is written out, and whether it is for the transaction. */
const SET_CONFIG = new RegExp(
  String.raw`\bset_config\s*\(\s*(?:(${STRING})|[^,()]+)\s*,(?:(?:${STRING}|[^'()]|\([^()]*\))*,\s*(\w+)\s*\))?`,
  'gi',
)
const NAME = /^[a-z_][\w$]*(?:\.[\w$]+)*$/i
const LONGEST_NAME = 63

/** The text may set something for the rest of its transaction. */
export function mayBeLocal(sql: string): boolean {
  return SUSPECT.test(sql)
}

/**
 * Settings that a text may change: for its transaction, and beyond it.
 *
 * @param parameters - Of the statement, as a name may be one of them.
 */
export function settingsIn(
  sql: string,
  parameters: readonly string[],
): { readonly local: readonly string[]; readonly lasting: readonly string[] } {
  const [local, lasting]: [string[], string[]] = [[], []]
  for (const [, scope = '', name = ''] of sql.matchAll(SET)) {
    ;(/^local/i.test(scope) ? local : lasting).push(settingName(name))
  }
  for (const [, name, scope] of sql.matchAll(SET_CONFIG)) {
    const list = scope?.toLowerCase() === 'false' ? lasting : local
    if (name !== undefined) list.push(name.slice(1, -1).replaceAll("''", "'"))
    else
      list.push(...parameters.filter((value) => value.length <= LONGEST_NAME && NAME.test(value)))
  }
  return { local, lasting }
}

/** SQL that reads settings: a row of name and value for each that there is. */
export function readSettings(names: readonly string[]): string {
  return `SELECT n, coalesce(current_setting(n, true), '') FROM unnest(ARRAY[${names
    .map(literal)
    .join(', ')}]::text[]) n WHERE n LIKE '%.%' OR current_setting(n, true) IS NOT NULL`
}

/** SQL that gives settings values until further notice. */
export function writeSettings(settings: ReadonlyMap<string, string>): string {
  // The role comes first: the one of now may not be allowed to set the others.
  const rank = (name: string): number => (name === 'role' ? 0 : 1)
  return [...settings]
    .toSorted(([a], [b]) => rank(a) - rank(b))
    .map(([name, value]) =>
      name === 'session_authorization'
        ? `SET SESSION AUTHORIZATION ${identifier(value)}`
        : `SELECT pg_catalog.set_config(${literal(name)}, ${literal(value)}, false)`,
    )
    .join(';')
}

function settingName(words: string): string {
  const name = words.toLowerCase().replaceAll(/\s+/g, ' ')
  if (name === 'time zone') return 'timezone'
  return name.replace(' ', '_')
}

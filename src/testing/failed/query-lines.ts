import type { LoggedQuery } from '../server/open-query.ts'

// What is at the end matters most; nobody reads a thousand lines below an error.
const STATEMENTS = 15
const SQL_LENGTH = 300
const VALUE_LENGTH = 60
const VALUES_LENGTH = 200
const ERROR_LENGTH = 300
const TOTAL_LENGTH = 5000

/**
 * Tells what a test has sent, for people: the last statements with their durations, parameters, errors and
 * numbers of rows. Long texts are cut, and passwords left out.
 *
 * @param dropped - How many statements came before those.
 */
export function queryLines(queries: readonly LoggedQuery[], dropped = 0): string[] {
  if (queries.length === 0) return []
  const connections = new Set(queries.map(({ connection }) => connection))
  const isOne = connections.size === 1
  const shown = lastOf(queries.slice(-STATEMENTS).map((query) => lineOf(query, !isOne)))
  const total = queries.length + dropped
  const count = total === shown.length ? `${total}` : `last ${shown.length} of ${total}`
  const where = isOne ? `, on ${withoutPasswords([...connections][0] ?? '')}` : ''
  return [`SQL of this test (${count}${where}):`, ...shown]
}

/** Lines from the end, as long as there is room. */
function lastOf(lines: readonly string[]): string[] {
  let left = TOTAL_LENGTH
  const first = lines.findLastIndex((line) => (left -= line.length) < 0)
  return lines.slice(first + 1)
}

function lineOf(query: LoggedQuery, withConnection: boolean): string {
  const { connection, sql, params, duration } = query
  const time = duration === undefined ? 'no answer' : `${duration.toFixed(1)} ms`
  const where = withConnection ? `${connection}: ` : ''
  const text = cut(oneLine(withoutPasswords(sql)), SQL_LENGTH)
  return `${time.padStart(11)}  ${where}${text}${valuesOf(params)}${outcomeOf(query)}`
}

function valuesOf(params: LoggedQuery['params']): string {
  if (params.length === 0) return ''
  const values = params.map((value) =>
    value === null ? 'NULL' : cut(oneLine(withoutPasswords(value)), VALUE_LENGTH),
  )
  return ` [${cut(values.join(', '), VALUES_LENGTH)}]`
}

function outcomeOf({ duration, error, rows }: LoggedQuery): string {
  if (error)
    return ` → ${error.code} ${cut(oneLine(withoutPasswords(error.message)), ERROR_LENGTH)}`
  if (duration === undefined || rows === undefined) return ''
  return ` → ${rows} ${rows === 1 ? 'row' : 'rows'}`
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ')
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`
}

/** In URLs, connection strings and statements about roles. */
export function withoutPasswords(text: string): string {
  return text
    .replaceAll(/(\b[a-z][a-z\d+.-]*:\/\/[^\s:@/'"]*):[^\s@'"]*@/gi, '$1:…@')
    .replaceAll(/\b(password\s+)(?:E?'(?:[^'\\]|''|\\.)*'|\$(\w*)\$.*?\$\2\$)/gis, `$1'…'`)
    .replaceAll(/\b(password\s*=\s*)(?:\\?'(?:[^'\\]|\\.)*\\?'|[^\s'"&;)]+)/gi, '$1…')
}

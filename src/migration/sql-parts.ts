import { MigrationFileError } from '../errors.ts'
import { lineComments } from '../lexer/line-comments.ts'
import type { LineComment } from '../lexer/line-comments.ts'
import { sqlTokens } from '../lexer/sql-tokens.ts'

/** SQL of a file and the line on which it begins. */
export interface SqlPart {
  readonly sql: string
  readonly line: number
  /** It says that it does not run in a transaction. */
  readonly isOutside: boolean
}

/** The directions that one file has. */
export interface SqlParts {
  readonly up: SqlPart
  readonly down?: SqlPart
}

type Direction = 'down' | 'up'

interface Marker {
  readonly direction: Direction
  readonly isOutside: boolean
  /** Where its line ends. */
  readonly end: number
  readonly at: number
}

/** `-- up`, and as other tools write it: `-- migrate:up`, `-- +goose Up`, `-- Up Migration`. */
const MARKER =
  /^--[ \t]*(?:migrate:|\+goose[ \t]+|\+migrate[ \t]+)?(up|down)(?:[ \t]+migration)?[ \t]*(transaction[ \t]*:[ \t]*false)?$/i
const NO_TRANSACTION =
  /^--[ \t]*(?:transaction[ \t]*[:=][ \t]*false|\+goose[ \t]+no[ \t]+transaction)$/i

/**
 * Cuts a file at its markers, which are comments on lines of their own. Without markers all of it is
 * `up`. What says so before the first marker runs outside a transaction in both directions.
 *
 * @throws {MigrationFileError} `BAD_SQL` for SQL before the first marker and for a marker that comes
 *   twice.
 */
export function sqlParts(path: string, text: string): SqlParts {
  const comments = [...lineComments(text)].filter(({ isAlone }) => isAlone)
  const markers = comments.flatMap(markerOf)
  assertOnce(path, text, markers)
  const outside = comments.filter((comment) => NO_TRANSACTION.test(comment.text))
  const part = (start: number, end: number, marker?: Marker): SqlPart => ({
    sql: text.slice(start, end),
    line: lineOf(text, start),
    isOutside: marker?.isOutside === true || outside.some(({ at }) => at >= start && at < end),
  })
  const [first] = markers
  const head = part(0, first?.at ?? text.length)
  const of = (direction: Direction): SqlPart | undefined => {
    const index = markers.findIndex((marker) => marker.direction === direction)
    const marker = markers[index]
    if (!marker) return undefined
    const own = part(marker.end, markers[index + 1]?.at ?? text.length, marker)
    return { ...own, isOutside: own.isOutside || head.isOutside }
  }
  const up = of('up')
  const down = of('down')
  if (up) assertNoSql(path, head)
  return { up: up ?? head, ...(down && { down }) }
}

/** All of a file as one direction. */
export function wholeFile(text: string): SqlPart {
  const isOutside = [...lineComments(text)].some(
    (comment) => comment.isAlone && NO_TRANSACTION.test(comment.text),
  )
  return { sql: text, line: 1, isOutside }
}

function markerOf({ text, at }: LineComment): Marker[] {
  const [, word, outside] = MARKER.exec(text) ?? []
  if (word === undefined) return []
  const direction = word.toLowerCase() === 'up' ? 'up' : 'down'
  return [{ direction, isOutside: outside !== undefined, at, end: at + text.length }]
}

function assertOnce(path: string, text: string, markers: readonly Marker[]): void {
  const again = markers.find(
    ({ direction }, index) => markers.findIndex((one) => one.direction === direction) < index,
  )
  if (!again) return
  const line = lineOf(text, again.at)
  throw new MigrationFileError('BAD_SQL', {
    what: `${path}:${line} begins "${again.direction}" a second time`,
    why: 'a migration has each direction once',
    fix: `move the statements below it to the first "-- ${again.direction}"`,
    details: { file: path, line },
  })
}

/** Nobody can say to which direction it belongs. */
function assertNoSql(path: string, head: SqlPart): void {
  const [token] = sqlTokens(head.sql.replace(/^\ufeff/, ' '))
  if (!token) return
  const line = lineOf(head.sql, token.at)
  throw new MigrationFileError('BAD_SQL', {
    what: `${path}:${line} has SQL before the first marker`,
    why: 'it belongs neither to up nor to down',
    fix: 'move it below "-- up"',
    details: { file: path, line },
  })
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split('\n').length
}

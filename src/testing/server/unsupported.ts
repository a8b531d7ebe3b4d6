import { literal } from '../../sql/literal.ts'
import { copyStatement, statementsOf } from './copy-statement.ts'
import { localeRefusal } from './unsupported-locales.ts'

const SERVER = 'Run this on a real PostgreSQL server.'
const SUSPECT =
  /\bcopy\b[\s\S]*\bprogram\b|\bcollat(?:e|ion)\b|\blc_\w|\bdatabase\b|\bsubscription\b|\bprepare\s+transaction\b/i

/** Why a statement is not run. */
export interface Refusal {
  readonly message: string
  readonly detail: string
}

/** What the embedded engine cannot do, by how a statement begins. */
const UNSUPPORTED: readonly (readonly [words: readonly string[], refusal: Refusal])[] = [
  [
    ['create', 'database'],
    {
      message: 'the embedded engine cannot create databases',
      detail: 'It serves one database, and keeps no templates.',
    },
  ],
  [
    ['create', 'subscription'],
    {
      message: 'the embedded engine cannot subscribe to another server',
      detail: 'It opens no connections.',
    },
  ],
  [
    ['prepare', 'transaction'],
    {
      message: 'the embedded engine has no two-phase commit',
      detail: 'It has one session, so nobody else could finish the transaction.',
    },
  ],
]

/**
 * A statement that raises an error, in place of a text that the embedded engine would get wrong
 * without a word, or refuse for reasons that lead astray; undefined for all others.
 */
export function refusedStatement(sql: string): string | undefined {
  if (!SUSPECT.test(sql)) return undefined
  const refusal = refusalOf(sql)
  return (
    refusal &&
    raiseStatement({
      code: '0A000',
      message: refusal.message,
      detail: refusal.detail,
      hint: SERVER,
    })
  )
}

/** A statement that raises this error. */
export function raiseStatement(error: {
  readonly code: string
  readonly message: string
  readonly detail?: string
  readonly hint?: string
}): string {
  const options = [`ERRCODE = ${literal(error.code)}`, `MESSAGE = ${literal(error.message)}`]
  if (error.detail !== undefined) options.push(`DETAIL = ${literal(error.detail)}`)
  if (error.hint !== undefined) options.push(`HINT = ${literal(error.hint)}`)
  return `DO ${literal(`BEGIN RAISE EXCEPTION USING ${options.join(', ')}; END`)}`
}

function refusalOf(sql: string): Refusal | undefined {
  if (copyStatement(sql)?.kind === 'program') {
    return {
      message: 'COPY with PROGRAM needs a real PostgreSQL server',
      detail: 'The embedded engine cannot start other programs.',
    }
  }
  for (const words of statementsOf(sql)) {
    const found = UNSUPPORTED.find(([start]) => start.every((word, at) => words[at] === word))
    if (found) return found[1]
    const locale = localeRefusal(words)
    if (locale) return locale
  }
  return undefined
}

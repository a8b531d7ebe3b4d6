import { queryLines, withoutPasswords } from '../testing/failed/query-lines.ts'
import type { SentQueries } from '../testing/host/protocol.ts'
import type { DatabaseLease } from './database-lease.ts'

/** A test as Vitest's hooks see it, as far as it is used here. */
export interface AttemptedTest {
  readonly concurrent?: boolean | undefined
  readonly fails?: boolean | undefined
  readonly retry?: number | Retry | undefined
  readonly result?:
    | {
        readonly retryCount?: number | undefined
        readonly errors?: readonly { message: string }[] | undefined
      }
    | undefined
}

/** Of Vitest 4.1 and later. */
interface Retry {
  readonly count?: number | undefined
  readonly condition?: unknown
}

interface Note {
  readonly error: { message: string }
  /** Without what was added. */
  readonly message: string
  readonly isKept: boolean
}

export interface FailureNotesOptions {
  readonly lease: DatabaseLease
  /** What the test has sent is told. */
  readonly log: boolean
  /** The database is kept. */
  readonly keep: boolean
  /** Milliseconds that all of that may take; 0 for no limit. */
  readonly limit: number
}

// Tests may put other clocks in their place later.
const { setTimeout, clearTimeout } = globalThis

// Milliseconds: for a database that is not busy with anything, and where hooks have no limit.
const ANSWER_TIME = 3000
const LONGEST_KEEPING = 60_000

/** Adds to the error of a failed test what it has sent to its database, and where that is kept. */
export class FailureNotes {
  readonly #options: FailureNotesOptions
  readonly #notes = new WeakMap<AttemptedTest, Note>()

  constructor(options: FailureNotesOptions) {
    this.#options = options
  }

  /** The test has failed, or an attempt of it. */
  async add(test: AttemptedTest, name: string): Promise<void> {
    // One of several that share a database is not to be told from the others.
    if (test.fails === true || test.concurrent === true) return
    const error = test.result?.errors?.at(-1)
    if (!error || !isWritable(error)) return
    // Of several attempts the last one tells.
    const before = this.#notes.get(test)
    if (before) before.error.message = before.message
    const note = { error, message: error.message }
    this.#notes.set(test, { ...note, isKept: false })
    const { lease, log } = this.#options
    const answer = await inTime(log ? lease.queries() : Promise.resolve(NOTHING), ANSWER_TIME)
    const sent = answer ?? (log ? lease.heard() : NOTHING)
    if (log ? sent.queries.length === 0 : !lease.isUsed) return
    // One that is still busy is ended before the next test: nothing can be kept of that.
    const number = answer && (await this.#keep(test, name, note.message))
    this.#notes.set(test, { ...note, isKept: number !== undefined })
    const lines = queryLines(sent.queries, sent.dropped)
    if (number !== undefined) lines.push(`Its database is kept: npx faasjs-pg test open ${number}`)
    if (lines.length > 0) error.message = `${note.message}\n\n${lines.join('\n')}\n`
  }

  /** The test has passed: what an earlier attempt of it left need not be kept. */
  async forget(test: AttemptedTest, name: string): Promise<void> {
    if (this.#notes.get(test)?.isKept !== true) return
    await inTime(this.#options.lease.discardFailed(name), this.#limit)
  }

  async #keep(test: AttemptedTest, name: string, message: string): Promise<number | undefined> {
    const { lease, keep } = this.#options
    if (!keep || !isLastAttempt(test)) return undefined
    const [first = ''] = message.split('\n')
    return await inTime(lease.keepFailed({ name, error: withoutPasswords(first) }), this.#limit)
  }

  get #limit(): number {
    return (this.#options.limit || LONGEST_KEEPING) * 0.5
  }
}

/** A database that does not answer must not make another failure, nor one that breaks down. */
async function inTime<T>(work: Promise<T>, limit: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const end = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limit)
  })
  const result = await Promise.race([work.catch(() => undefined), end])
  clearTimeout(timer)
  return result
}

const NOTHING: SentQueries = { queries: [], dropped: 0 }

/** As far as Vitest says: a condition decides later. */
function isLastAttempt({ retry, result }: AttemptedTest): boolean {
  const options = typeof retry === 'object' ? retry : { count: retry, condition: undefined }
  return options.condition !== undefined || (result?.retryCount ?? 0) >= (options.count ?? 0)
}

function isWritable(error: object): boolean {
  return Object.getOwnPropertyDescriptor(error, 'message')?.writable === true
}

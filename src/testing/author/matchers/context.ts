import { TestDatabaseError } from '../../../errors.ts'
import type { TestDb } from '../test-db.ts'

/** What `expect` of Vitest and of Jest gives to a matcher as `this`, as far as it is used here. */
export interface MatcherContext {
  readonly isNot?: boolean
  equals(actual: unknown, expected: unknown): boolean
  readonly utils: {
    diff(expected: unknown, received: unknown): string | null | undefined
    printExpected(value: unknown): string
    printReceived(value: unknown): string
  }
}

/** What a matcher answers. */
export interface Verdict {
  readonly pass: boolean
  readonly message: () => string
}

/** The database that something is expected of. */
export function databaseOf(received: unknown, matcher: string): TestDb<object> {
  const isDatabase =
    typeof received === 'object' && received !== null && 'rows' in received && 'query' in received
  if (isDatabase) return received as TestDb<object>
  throw misused(matcher, 'is about a database', `await expect(db).${matcher}(…)`)
}

export function misused(matcher: string, what: string, example: string): TestDatabaseError {
  return new TestDatabaseError('MATCHER_MISUSED', {
    what: `${matcher}() ${what}, and was given something else`,
    fix: `write ${example}`,
  })
}

/** `expected "users" to have …`, or `not to have …`. */
export function sentence(context: MatcherContext, subject: string, rest: string): string {
  return `expected ${subject} ${context.isNot ? 'not ' : ''}${rest}`
}

import type { MatcherContext, Verdict } from './context.ts'
import type { PgMatchers } from './pg-matcher-types.ts'
import { toHaveSentQueries } from './queries.ts'
import { toHaveRow, toHaveRowCount, toHaveRows } from './rows.ts'
import { toHaveColumn, toHaveForeignKey, toHaveIndex, toHaveTable } from './schema.ts'
import { toViolate } from './violation.ts'

// oxlint-disable-next-line typescript/no-explicit-any -- what `expect.extend()` takes
type Expected = any[]

const MATCHERS: {
  readonly [Name in keyof PgMatchers]: (
    context: MatcherContext,
    received: unknown,
    ...expected: Expected
  ) => Promise<Verdict>
} = {
  toHaveColumn,
  toHaveForeignKey,
  toHaveIndex,
  toHaveRow,
  toHaveRowCount,
  toHaveRows,
  toHaveSentQueries,
  toHaveTable,
  toViolate,
}

type Matcher = (this: MatcherContext, received: unknown, ...expected: Expected) => Promise<Verdict>

/**
 * Matchers for `expect.extend()` of Jest; for Vitest, `@faasjs/pg/vitest/matchers` does that, with types. See
 * {@link PgMatchers}.
 *
 * @example
 * ```ts
 * expect.extend(pgMatchers)
 * await expect(database.db).toHaveRows('users', [{ name: 'Ada' }])
 * ```
 */
export const pgMatchers: Readonly<Record<keyof PgMatchers, Matcher>> = Object.fromEntries(
  Object.entries(MATCHERS).map(([name, matcher]): [string, Matcher] => [
    name,
    function (received, ...expected) {
      return matcher(this, received, ...expected)
    },
  ]),
) as Record<keyof PgMatchers, Matcher>

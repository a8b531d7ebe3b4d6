import type { LoggedQuery } from '../../server/open-query.ts'
import { type MatcherContext, misused, sentence, type Verdict } from './context.ts'

export async function toHaveSentQueries(
  context: MatcherContext,
  received: unknown,
  expected: unknown,
): Promise<Verdict> {
  if (!(typeof received === 'object' && received !== null && 'queries' in received)) {
    throw misused('toHaveSentQueries', 'is about db', 'await expect(db).toHaveSentQueries(1)')
  }
  const { queries } = received as { queries: () => Promise<LoggedQuery[]> }
  const sent = await queries.call(received)
  const texts = new Map<string, number>()
  for (const { sql } of sent) texts.set(sql, (texts.get(sql) ?? 0) + 1)
  return {
    pass: context.equals(sent.length, expected),
    message: () => {
      const wanted = context.utils.printExpected(expected)
      const what = sentence(context, 'the code under test', `to have sent ${wanted} queries`)
      const lines = [...texts].map(([sql, times]) => `\n  ${times} × ${sql}`)
      return `${what}, and it sent ${sent.length}${lines.length > 0 ? ':\n' : ''}${lines.join('')}`
    },
  }
}

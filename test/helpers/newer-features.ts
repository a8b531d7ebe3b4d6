import { expect } from 'vitest'

import type { Database } from '../../src/database/database.ts'

/** What of the SQL of tests older servers do not have: the first major version that does. */
const FEATURES: readonly (readonly [major: number, sql: RegExp])[] = [
  [14, /\bCURRENT_ROLE\b/],
  [14, /\bBEGIN ATOMIC\b|^RETURN /m],
  [14, /\bOR REPLACE TRIGGER\b/],
  [14, /\bMULTIRANGE_TYPE_NAME\b/i],
  [14, /\bCOMPRESSION\b/],
  [15, /\bNULLS NOT DISTINCT\b/],
  [15, /\bsecurity_invoker\b/],
  [15, /\bPUBLICATION\b.*(?:\) WHERE \(|\w WHERE \(|TABLES IN SCHEMA)/],
  [17, /\bMAINTAIN\b/],
  [18, /\bVIRTUAL\b/],
]

/** The oldest major version that can run all of these statements. */
export function majorNeededBy(statements: readonly string[]): number {
  const needed = FEATURES.filter(([, sql]) => statements.some((statement) => sql.test(statement)))
  return Math.max(0, ...needed.map(([major]) => major))
}

/** Runs statements that a server is too old for, and takes back what it did of them. */
export async function expectTooOld(
  database: Database,
  statements: readonly string[],
): Promise<void> {
  const session = await database.session()
  try {
    await session.run(['BEGIN'])
    const failure = await session.run(statements).catch((error: unknown) => error)
    expect(failure, `one of them is too new for ${database.label}`).toBeInstanceOf(Error)
  } finally {
    await session.run(['ROLLBACK'])
    await session.release()
  }
}

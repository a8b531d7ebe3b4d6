import { splitStatements } from '../sql/split-statements.ts'

const WORDS = /\b(?:commit|end|rollback|abort|prepare)\b/i
const ENDS = /^(?:commit|end|rollback|abort|prepare\s+transaction)\b/i
const KEEPS = /^rollback\s+(?:work\s+|transaction\s+)?to\b/i

/**
 * Whether any statement of this SQL ends the transaction it runs in, also when it begins another one
 * (`COMMIT AND CHAIN`).
 */
export function endsTransaction(sql: string): boolean {
  if (!WORDS.test(sql)) return false
  try {
    return splitStatements(sql).some(({ sql: one }) => ENDS.test(one) && !KEEPS.test(one))
  } catch {
    // It cannot be cut into statements; PostgreSQL will say what is wrong with it.
    return false
  }
}

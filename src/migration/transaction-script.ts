import { assertFitsTransaction } from '../builder/assert-fits-transaction.ts'
import type { RecordedOperation } from '../builder/recorded.ts'
import { StatementError } from '../errors.ts'
import type { Operation } from '../operations/operation.ts'
import { compile } from '../sql/compile.ts'
import { endsTransaction } from './ends-transaction.ts'

/** One statement of a migration's transaction. */
export interface ScriptStatement {
  readonly sql: string
  /** What it is there for; a number is the index of the recorded operation that it carries out. */
  readonly part: 'start' | 'history' | 'commit' | number
}

/**
 * Everything a migration sends, in order. The history comes first: its primary key stops a second
 * runner before anything else happens.
 *
 * @param start - What prepares the transaction once it is open.
 * @param history - What changes the history.
 * @throws {StatementError} `TRANSACTION_ENDED` when a raw statement is a COMMIT or ROLLBACK.
 */
export function transactionScript(
  migration: string,
  start: readonly string[],
  history: string,
  recorded: readonly RecordedOperation[],
): ScriptStatement[] {
  assertFitsTransaction(recorded, migration)
  const script: ScriptStatement[] = [
    { sql: 'BEGIN', part: 'start' },
    ...start.map((sql): ScriptStatement => ({ sql, part: 'start' })),
    { sql: history, part: 'history' },
  ]
  for (const [index, { operation }] of recorded.entries()) {
    const sql = compile(operation)
    if (isRaw(operation) && endsTransaction(sql)) throw wouldEnd(migration, sql)
    script.push({ sql, part: index })
  }
  script.push({ sql: 'COMMIT', part: 'commit' })
  return script
}

/** Whether it is SQL of the user's own, which may hold anything. */
export function isRaw(operation: Operation): boolean {
  return operation.kind === 'reversible' ? isRaw(operation.operation) : operation.kind === 'raw'
}

function wouldEnd(migration: string, sql: string): StatementError {
  return new StatementError('TRANSACTION_ENDED', {
    what: `migration "${migration}" would end its own transaction`,
    sql,
    why: 'a migration and its row in the history are one transaction',
    fix: 'remove it from the raw SQL, and split the migration where a commit is needed',
    note: 'nothing of it was applied',
    details: { migration },
  })
}

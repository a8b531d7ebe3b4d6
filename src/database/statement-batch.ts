import { statementShape } from './statement-shape.ts'

// A newline, so that a comment at the end of a statement does not hide what follows.
const SEPARATOR = '\n;\n'
const LONGEST = 1_000_000

/** Statements that are sent as one simple query. */
export interface StatementBatch {
  readonly sql: string
  /** Index of the first of them in the whole list. */
  readonly first: number
  readonly statements: readonly string[]
}

/**
 * Takes as many statements from the list as may travel in one message without a change of meaning.
 *
 * PostgreSQL wraps the statements of one message in a transaction of their own unless there is one. So
 * only statements within an open transaction are joined, or those that begin and end one themselves;
 * outside, each goes alone and takes effect on its own.
 */
export function nextBatch(
  statements: readonly string[],
  first: number,
  inTransaction: boolean,
): StatementBatch {
  const batch: string[] = []
  let isOpen = inTransaction
  let length = 0
  for (let index = first; index < statements.length; index++) {
    const statement = statements[index] ?? ''
    const { isSingle, transaction } = statementShape(statement)
    const joins = isSingle && (isOpen || transaction === 'opens') && length < LONGEST
    if (batch.length > 0 && !joins) break
    batch.push(statement)
    length += statement.length
    if (!joins) break
    if (transaction !== undefined) isOpen = transaction === 'opens'
  }
  return { sql: batch.join(SEPARATOR), first, statements: batch }
}

/** The statement that failed. */
export interface FailurePlace {
  readonly index: number
  /** 1-based, in characters, within that statement. */
  readonly position: number | undefined
  /** The server stumbled over the separator: the statement is not complete. */
  readonly isAtEnd: boolean
}

/**
 * Finds the statement of a batch that failed.
 *
 * @param completed - How many statements the server has reported complete.
 * @param position - 1-based, in characters, within the text of the batch. A message is parsed as a
 *   whole before anything of it runs: for a syntax error only the position tells.
 */
export function locateFailure(
  batch: StatementBatch,
  completed: number,
  position: number | undefined,
): FailurePlace {
  const last = batch.statements.length - 1
  if (position === undefined) {
    return { index: batch.first + Math.min(completed, last), position, isAtEnd: false }
  }
  let start = 0
  for (const [offset, statement] of batch.statements.entries()) {
    const length = characters(statement)
    const end = start + length + SEPARATOR.length
    if (position <= end || offset === last) {
      const isAtEnd = offset < last && position - start > length
      const within = Math.min(position - start, length + 1)
      return { index: batch.first + offset, position: within, isAtEnd }
    }
    start = end
  }
  return { index: batch.first + last, position: undefined, isAtEnd: false }
}

/** The server counts characters, JavaScript UTF-16 units. */
function characters(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

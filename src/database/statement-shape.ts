import { sqlTokens } from '../lexer/sql-tokens.ts'

/** What can be said about a piece of SQL without understanding it. */
export interface StatementShape {
  /**
   * It is exactly one statement with all its quotes and comments closed, so that another may follow in
   * the same message. False where that is not certain.
   */
  readonly isSingle: boolean
  /** Whether its first statement opens or closes a transaction. */
  readonly transaction: 'opens' | 'closes' | undefined
  /** It holds `COPY … FROM STDIN`. */
  readonly readsInput: boolean
}

const OPENS = /^(?:BEGIN|START TRANSACTION)\b/
const CLOSES = /^(?:COMMIT|END|ROLLBACK|ABORT|PREPARE TRANSACTION)\b/
const STAYS_OPEN = /^ROLLBACK (?:WORK |TRANSACTION )?TO\b|(?<!NO )\bCHAIN\b/
const READS_INPUT = /^COPY .*\bFROM STDIN\b/

/** Looks at a piece of SQL, paying no attention to what is in quotes and comments. */
export function statementShape(sql: string): StatementShape {
  // The bare words of each statement.
  const statements: string[][] = []
  let isClosed = true
  let isBetween = true
  for (const { kind, text, isAmbiguous } of sqlTokens(sql)) {
    if (kind === 'symbol' && text === ';') {
      isBetween = true
      continue
    }
    if (isBetween) statements.push([])
    isBetween = false
    if (kind === 'unclosed' || isAmbiguous) isClosed = false
    if (kind === 'word') statements.at(-1)?.push(text.toUpperCase())
  }
  const words = statements.map((statement) => statement.join(' '))
  return {
    isSingle: isClosed && statements.length === 1,
    transaction: transactionEffect(words[0] ?? ''),
    readsInput: words.some((statement) => READS_INPUT.test(statement)),
  }
}

function transactionEffect(words: string): StatementShape['transaction'] {
  if (OPENS.test(words)) return 'opens'
  return CLOSES.test(words) && !STAYS_OPEN.test(words) ? 'closes' : undefined
}

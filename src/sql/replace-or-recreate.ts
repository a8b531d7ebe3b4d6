import { dollarQuoted } from './dollar-quoted.ts'

interface Replacement {
  readonly replace: string
  readonly drop: string
  readonly create: string
  /** The condition that PostgreSQL raises where replacing in place cannot be done. */
  readonly refusal: 'invalid_function_definition' | 'invalid_table_definition'
}

/** Replaces in place, or else drops and creates, in one statement. */
export function replaceOrRecreate({ replace, drop, create, refusal }: Replacement): string {
  const block = [
    '',
    'BEGIN',
    `  EXECUTE ${dollarQuoted(replace, 'sql')};`,
    `EXCEPTION WHEN ${refusal} THEN`,
    `  ${drop};`,
    `  EXECUTE ${dollarQuoted(create, 'sql')};`,
    'END',
    '',
  ].join('\n')
  return `DO ${dollarQuoted(block, 'do')}`
}

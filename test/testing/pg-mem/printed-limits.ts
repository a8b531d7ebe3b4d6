import { MEMORY_CAPABILITIES } from '../../../src/testing/pg-mem/memory-database.ts'
import { type Case, SETUP } from './statements.ts'

const TICKS = '```'

/** The page of what pg-mem runs and what it is not let to run, from the cases that were measured. */
export function printedLimits(
  groups: readonly (readonly [string, readonly Case[]])[],
  refusals: ReadonlyMap<string, string>,
): string {
  const all = groups.flatMap(([, cases]) => cases)
  const runs = all.filter(([verdict]) => verdict === 'same').length
  const sections = groups.map(([group, cases]) => section(group, cases, refusals))
  return `# What pg-mem runs

<!-- Written by test/testing/pg-mem/statements.test.ts: npx vitest run --project main test/testing/pg-mem/statements.test.ts --update=all -->

[pg-mem](testing.md#pg-mem) is an emulation. These are the ${all.length} cases that the test suite sends to it and to PGlite, through the same client: ${runs} run, with the same rows, types, counts, SQLSTATEs and constraint names; ${all.length - runs} are refused with \`FAASJS_PG_NOT_EMULATED\`. What is not here is refused unless it is made of the same parts. Expressions are read from a join of these tables:

${TICKS}sql
${SETUP.slice(0, 2).join(';\n')};
${TICKS}

${sections.join('\n\n')}

## Exceptions

The contract that every engine of this package keeps (\`test/database/contract.ts\`) runs on PGlite, on PostgreSQL and on pg-mem. These are the exceptions that pg-mem declares, by their names in \`capabilities.exceptions\`; the contract fails when one of them no longer is one, or when something else is.

${exceptions()}
`
}

function exceptions(): string {
  const { exceptions: reasons } = MEMORY_CAPABILITIES
  const lines = Object.entries(reasons).map(([feature, reason]) => `- \`${feature}\`: ${reason}.`)
  return [
    '- `concurrentSessions`: there is one session, and while a client is in a transaction the others are refused.',
    '- `cancel`: a statement is over before anybody could.',
    ...lines,
  ].join('\n')
}

function section(
  group: string,
  cases: readonly Case[],
  refusals: ReadonlyMap<string, string>,
): string {
  const title = `## ${group.charAt(0).toUpperCase()}${group.slice(1)}`
  const lines = cases.map(([verdict, ...statements]) => {
    const sql = statements.join('; ')
    const shown = sql
      .replace(/^SELECT (.*) AS x FROM items JOIN .*$/s, '$1')
      .replaceAll(/\s+/g, ' ')
    return verdict === 'same'
      ? `runs     ${shown}`
      : `refused  ${shown}\n         ${refusals.get(sql)}`
  })
  return `${title}\n\n${TICKS}text\n${lines.join('\n')}\n${TICKS}`
}

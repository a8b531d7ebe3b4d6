import pg from 'pg'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'

import { createMemoryDatabase } from '../../../src/testing/index.ts'
import { snapshotOf, startHost } from '../helpers.ts'
import { EXPRESSIONS, QUERIES } from './expressions.ts'
import { printedLimits } from './printed-limits.ts'
import { type Case, SETUP, STATEMENTS } from './statements.ts'

// The same on both, through the same kind of client: PGlite, which is PostgreSQL, is the judge.
const { host, url } = await startHost(snapshotOf(SETUP.join(';')), {
  modes: { scope: 'worker', reset: 'full' },
})
const client = new pg.Client(url)
await client.connect()
const memory = await createMemoryDatabase({ migrations: 'test/testing/pg-mem/fixtures/empty' })
const emulated = new (memory.createPg<typeof pg>().Client)({})
await emulated.connect()
for (const sql of SETUP) await emulated.query(sql)
const start = await memory.snapshot()
afterAll(() => client.end())

beforeEach(async () => {
  await host.reset(undefined)
  await memory.restore(start)
})

interface Seen {
  readonly code?: string
  /** Why it was refused. */
  readonly why?: string
  readonly result?: unknown
}

async function seen(on: pg.Client, sql: string): Promise<Seen> {
  try {
    const results = [
      await on.query<Record<string, unknown>>({ text: sql, rowMode: 'array' } as never),
    ].flat()
    return { result: results.map((result) => view(result)) }
  } catch (error) {
    const {
      code = '',
      constraint,
      why,
    } = error as {
      code?: string
      constraint?: string
      why?: string
    }
    if (code === 'FAASJS_PG_NOT_EMULATED') return { code, why: why ?? '' }
    return { code: `${code} ${constraint ?? ''}`.trim() }
  }
}

function view({ command, rowCount, rows, fields }: pg.QueryResult): unknown {
  // The number of an enum is another in every database.
  const types = fields.map(
    ({ name, dataTypeID }) => `${name} ${dataTypeID > 16000 ? 0 : dataTypeID}`,
  )
  return { command, rowCount, types, rows }
}

/** Runs a case on both up to what is refused; gives the verdict. */
async function judge(statements: readonly string[]): Promise<'same' | 'refused'> {
  try {
    for (const sql of statements) {
      const ours = await seen(emulated, sql)
      if (ours.code === 'FAASJS_PG_NOT_EMULATED') {
        refusals.set(statements.join('; '), ours.why ?? '')
        return 'refused'
      }
      const theirs = await seen(client, sql)
      expect(ours, sql).toEqual(theirs)
    }
    return 'same'
  } finally {
    await client.query('ROLLBACK').catch(() => undefined)
    await emulated.query('ROLLBACK')
  }
}

/** Why, by what was refused. */
const refusals = new Map<string, string>()

const groups: readonly [string, readonly Case[]][] = [
  ...Object.entries(STATEMENTS),
  ...Object.entries(QUERIES),
  ...Object.entries(EXPRESSIONS).map(
    ([group, cases]) =>
      [
        group,
        cases.map(([verdict, text]): Case => [
          verdict,
          `SELECT ${text} AS x FROM items JOIN parents ON parents.id = items.parent_id ORDER BY items.id`,
        ]),
      ] as [string, readonly Case[]],
  ),
]

describe.each(groups)('%s', (_, cases) => {
  test.each(
    cases.map(([verdict, ...statements]) => ({ verdict, sql: statements.join('; '), statements })),
  )('$verdict: $sql', async ({ verdict, statements }) => {
    expect(await judge(statements)).toBe(verdict)
  })
})

test('docs/pg-mem.md lists what runs and what is refused', async () => {
  const page = printedLimits(groups, refusals)
  await expect(page).toMatchFileSnapshot('../../../docs/pg-mem.md')
})

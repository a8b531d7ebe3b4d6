import type { TableWhere } from '../table-types.ts'
import { databaseOf, type MatcherContext, sentence, type Verdict } from './context.ts'
import { pairUp } from './pair-up.ts'

type Row = Record<string, unknown>

// What a message shows of a long table.
const SHOWN = 20

export async function toHaveRows(
  context: MatcherContext,
  received: unknown,
  table: string,
  expected: readonly Row[],
  where?: TableWhere<string, object>,
): Promise<Verdict> {
  const rows = await databaseOf(received, 'toHaveRows').rows(table, where)
  const partners = pairUp(expected, rows, (row, pattern) => matches(context, row, pattern))
  const pass = rows.length === expected.length && !partners.includes(undefined)
  return {
    pass,
    message: () => {
      const what = sentence(context, `"${table}"`, `to have these ${expected.length} rows`)
      return pass ? what : `${what}\n\n${difference(context, expected, rows, partners)}`
    },
  }
}

export async function toHaveRow(
  context: MatcherContext,
  received: unknown,
  table: string,
  expected: Row,
): Promise<Verdict> {
  const rows = await databaseOf(received, 'toHaveRow').rows(table)
  const found = rows.find((row) => matches(context, row, expected))
  return {
    pass: found !== undefined,
    message: () => {
      const what = sentence(context, `"${table}"`, 'to have such a row')
      if (found) return `${what}\n\n  ${JSON.stringify(found)}`
      const closest = rows.toSorted(
        (a, b) => score(context, b, expected) - score(context, a, expected),
      )[0]
      if (!closest) return `${what}, and it has none\n\n${context.utils.printExpected(expected)}`
      const others = rows.length > 1 ? ` the closest of its ${rows.length}` : ' the only one it has'
      return `${what}; compared with${others}:\n\n${context.utils.diff(expected, project(closest, expected))}`
    },
  }
}

export async function toHaveRowCount(
  context: MatcherContext,
  received: unknown,
  table: string,
  expected: number,
  where?: TableWhere<string, object>,
): Promise<Verdict> {
  const db = databaseOf(received, 'toHaveRowCount')
  const count = await db.count(table, where)
  const rows = count === expected ? [] : (await db.rows(table, where)).slice(0, SHOWN)
  return {
    pass: count === expected,
    message: () => {
      const what = sentence(context, `"${table}"`, `to have ${expected} rows`)
      if (count === expected) return what
      const list = rows.map((row) => `\n  ${JSON.stringify(row)}`).join('')
      const more = count > rows.length ? `\n  … and ${count - rows.length} more` : ''
      return `${what}, and it has ${count}${count > 0 ? ':\n' : ''}${list}${more}`
    },
  }
}

/** Columns that are not named do not count. */
function matches(context: MatcherContext, row: Row, pattern: Row): boolean {
  return Object.entries(pattern).every(([column, value]) => context.equals(row[column], value))
}

function score(context: MatcherContext, row: Row, pattern: Row): number {
  return Object.entries(pattern).filter(([column, value]) => context.equals(row[column], value))
    .length
}

function project(row: Row, pattern: Row): Row {
  return Object.fromEntries(Object.keys(pattern).map((column) => [column, row[column]]))
}

/** Rows beside those that they are: what is left shows as what is missing and what is too much. */
function difference(
  context: MatcherContext,
  expected: readonly Row[],
  rows: readonly Row[],
  partners: readonly (number | undefined)[],
): string {
  const left = rows.filter((_, index) => !partners.includes(index))
  const columns = Object.assign({}, ...expected) as Row
  const beside = expected.map((pattern, index) => {
    const partner = partners[index]
    // As it was written: a value and what matches it are no difference.
    if (partner !== undefined) return pattern
    const row = left.shift()
    return row && project(row, pattern)
  })
  const rest = left
    .slice(0, SHOWN)
    .map((row) => (expected.length > 0 ? project(row, columns) : row))
  const received = [...beside.filter((row) => row !== undefined), ...rest]
  const more = left.length > SHOWN ? `\n… and ${left.length - SHOWN} more` : ''
  return `${context.utils.diff(expected, received)}${more}`
}

import type { Row } from './build-memory.ts'
import type { Table } from './catalog.ts'
import type { Context, Place } from './context.ts'
import type { Outcome } from './outcome.ts'
import { type Output, outputOf, ROW_ORDER } from './select.ts'
import { children, type SqlNode } from './sql-node.ts'
import type { Store } from './store.ts'

/** What RETURNING asks for; undefined without it. */
export function returning(
  node: SqlNode,
  table: Table,
  context: Context,
  alias: string = table.name,
): readonly Output[] | undefined {
  const columns = children(node, 'returning')
  if (columns.length === 0) return undefined
  const place: Place = { context, scope: { sources: [{ alias, columns: table.columns }] } }
  return columns.flatMap((column) => outputOf(column, place))
}

export function outputColumns(output: readonly Output[]): SqlNode[] {
  return output.map(({ node }, index) => ({ expr: node, alias: { name: `faasjs_${index}` } }))
}

/** The rows that were written, as RETURNING gives them. */
export function returned(
  command: string,
  written: readonly Row[],
  output: readonly Output[] | undefined,
  table: Table,
  store: Store,
): Outcome {
  const rowCount = written.length
  if (!output) return { command, rowCount, columns: [], rows: [] }
  const rows = written.map((row) => {
    const found = store.send({
      type: 'select',
      columns: outputColumns(output),
      from: [{ type: 'table', name: { name: table.name } }],
      where: {
        type: 'binary',
        op: '=',
        left: { type: 'ref', table: { name: table.name }, name: ROW_ORDER },
        right: { type: 'integer', value: row[ROW_ORDER] },
      },
    }).rows[0]
    return output.map((_, index) => found?.[`faasjs_${index}`] ?? null)
  })
  return { command, rowCount, columns: output.map(({ name, type }) => ({ name, type })), rows }
}

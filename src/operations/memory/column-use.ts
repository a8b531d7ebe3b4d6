import { sqlTokens } from '../../lexer/sql-tokens.ts'
import { namesIn } from './sql-names.ts'

/** Between these a name can be nothing but a column. */
const BEFORE: ReadonlySet<string> = new Set(
  '( , < > = ! + - * / % | & ~ ^ and or not when then else between in like ilike'.split(' '),
)
const AFTER: ReadonlySet<string> = new Set(
  ') , < > = ! + - * / % | & ~ ^ : and or is in between like ilike not then else end collate'.split(
    ' ',
  ),
)

/**
 * Whether an expression uses a column: `undefined` where that cannot be told, because the same word
 * may be a function, a type, a field or part of a string.
 */
export function usesColumn(sql: string, column: string): boolean | undefined {
  if (!namesIn(sql).has(column)) return false
  const tokens = [...sqlTokens(sql)]
  const isUsed = tokens.some(({ kind, text }, index) => {
    const isIt =
      kind === 'word'
        ? text.toLowerCase() === column && /^\w+$/.test(text)
        : kind === 'quoted' && text === `"${column}"`
    if (!isIt) return false
    const [before, after, second] = [tokens[index - 1], tokens[index + 1], tokens[index + 2]]
    // `f(name => 1)` names an argument.
    if (after?.text === '=' && second?.text === '>') return false
    return (
      (!before || BEFORE.has(before.text.toLowerCase())) &&
      (!after || AFTER.has(after.text.toLowerCase()))
    )
  })
  return isUsed ? true : undefined
}

/** Whether any of the expressions uses the column. */
export function useColumn(expressions: readonly string[], column: string): boolean | undefined {
  const uses = expressions.map((expression) => usesColumn(expression, column))
  if (uses.includes(true)) return true
  return uses.includes(undefined) ? undefined : false
}

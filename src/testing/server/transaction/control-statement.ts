import { sqlTokens } from '../../../lexer/sql-tokens.ts'

/** A statement that has to do with transactions, and how a test's own transaction stands in for it. */
export type Control =
  | { readonly kind: 'begin'; readonly tag: string; readonly isReadOnly: boolean }
  | { readonly kind: 'commit'; readonly chain: boolean }
  | { readonly kind: 'rollback'; readonly chain: boolean }
  /** `SAVEPOINT` and its kin: of the engine, inside of a client's transaction. */
  | { readonly kind: 'savepoint'; readonly name: string; readonly isReturn: boolean }
  | { readonly kind: 'characteristics'; readonly isReadOnly: boolean }
  | { readonly kind: 'prepare' }
  /** Of the engine as well, but not as a statement of its own outside of a transaction. */
  | { readonly kind: 'block'; readonly name: string }
  /** Of the engine, with a warning there. */
  | { readonly kind: 'vain'; readonly name: string }

/** A part of a text: a statement that is looked at, or others as they are. */
export interface Part {
  readonly sql: string
  readonly control: Control | undefined
}

const SUSPECT =
  /(?:^|[;\s/])(?:begin|start\s+transaction|commit|end|rollback|abort|savepoint|release|prepare\s+transaction|set\s+(?:local|constraints|(?:session\s+)?transaction(?:_\w+)?)|lock|declare)\b/i

const MODES =
  '((?:(?: ,)? (?:isolation level (?:serializable|repeatable read|read committed|read uncommitted)|read write|read only|(?:not )?deferrable))*)'
const WORK = '(?: work| transaction)?'
const CHAIN = '( and chain| and no chain)?'
const NAME = String.raw`(?:savepoint )?\S+`

const FORMS: readonly (readonly [RegExp, (match: RegExpMatchArray) => Control])[] = [
  [
    new RegExp(`^(begin${WORK}|start transaction)${MODES}$`),
    ([, verb = '', modes = '']) => ({
      kind: 'begin',
      tag: verb.startsWith('start') ? 'START TRANSACTION' : 'BEGIN',
      isReadOnly: isReadOnly(modes),
    }),
  ],
  [
    new RegExp(`^(?:commit|end)${WORK}${CHAIN}$`),
    ([, chain]) => ({ kind: 'commit', chain: chain === ' and chain' }),
  ],
  [
    new RegExp(`^(?:rollback|abort)${WORK}${CHAIN}$`),
    ([, chain]) => ({ kind: 'rollback', chain: chain === ' and chain' }),
  ],
  [/^savepoint \S+$/, () => ({ kind: 'savepoint', name: 'SAVEPOINT', isReturn: false })],
  [
    new RegExp(`^release ${NAME}$`),
    () => ({ kind: 'savepoint', name: 'RELEASE SAVEPOINT', isReturn: false }),
  ],
  [
    new RegExp(`^rollback${WORK} to ${NAME}$`),
    () => ({ kind: 'savepoint', name: 'ROLLBACK TO SAVEPOINT', isReturn: true }),
  ],
  [
    new RegExp(`^set (?:local )?transaction${MODES}$`),
    ([, modes = '']) => ({ kind: 'characteristics', isReadOnly: isReadOnly(modes) }),
  ],
  [
    /^set (?:local |session )?transaction_(?:isolation|deferrable) (?:=|to) /,
    () => ({ kind: 'characteristics', isReadOnly: false }),
  ],
  [/^set constraints /, () => ({ kind: 'vain', name: 'SET CONSTRAINTS' })],
  [/^set local /, () => ({ kind: 'vain', name: 'SET LOCAL' })],
  [/^prepare transaction /, () => ({ kind: 'prepare' })],
  [/^lock /, () => ({ kind: 'block', name: 'LOCK TABLE' })],
  [/^declare (?!.* with hold )/, () => ({ kind: 'block', name: 'DECLARE CURSOR' })],
]

/**
 * Cuts a text at the statements that have to do with transactions. What stands between them keeps its place, so
 * that errors have their positions.
 *
 * @returns undefined when there are none, at the cost of one search for almost all texts.
 */
export function controlParts(text: string): Part[] | undefined {
  if (!SUSPECT.test(text)) return undefined
  const parts: Part[] = []
  let others = ''
  let hasOthers = false
  let hasControl = false
  for (const { sql, words } of statements(text)) {
    const control = controlOf(words)
    if (!control) {
      others += sql
      // There is nothing between two semicolons.
      hasOthers ||= words !== ''
      continue
    }
    hasControl = true
    if (hasOthers) parts.push({ sql: others, control: undefined })
    hasOthers = false
    parts.push({ sql, control })
    others = ' '.repeat(others.length + sql.length)
  }
  if (!hasControl) return undefined
  if (hasOthers) parts.push({ sql: others, control: undefined })
  return parts
}

function controlOf(words: string): Control | undefined {
  for (const [form, make] of FORMS) {
    const match = form.exec(words)
    if (match) return make(match)
  }
  return undefined
}

/** The statements of a text with their semicolons, and their words in lower case with single spaces. */
function* statements(text: string): Generator<{ sql: string; words: string }> {
  let [start, depth, bodies, end] = [0, 0, 0, 0]
  let words: string[] = []
  for (const token of sqlTokens(text)) {
    if (token.kind === 'unclosed') break
    const word = token.text.toLowerCase()
    end = token.at + token.text.length
    if (word === '(') depth++
    else if (word === ')') depth--
    // The body of a function or procedure in SQL.
    else if (word === 'atomic' && words.at(-1) === 'begin') bodies++
    else if (word === 'case' && bodies > 0) bodies++
    else if (word === 'end' && bodies > 0) bodies--
    if (word !== ';' || depth > 0 || bodies > 0) {
      words.push(token.kind === 'quoted' ? '"quoted"' : word)
      continue
    }
    yield { sql: text.slice(start, end), words: words.join(' ') }
    start = end
    words = []
  }
  yield { sql: text.slice(start), words: words.join(' ') }
}

function isReadOnly(modes: string): boolean {
  return /.*\bread (only|write)\b/.exec(modes)?.[1] === 'only'
}

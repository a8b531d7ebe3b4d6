import { transformSync } from 'oxc-transform'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { rawSql, sql } from '../../src/builder/sql-fragment.ts'
import { IrreversibleError } from '../../src/errors.ts'
import { invertAll } from '../../src/operations/invert.ts'
import { withMemory } from '../../src/operations/memory/schema-memory.ts'
import type { Operation } from '../../src/operations/operation.ts'
import { compile } from '../../src/sql/compile.ts'

/** An operation of the page: its heading, its text, and the calls in it. */
export interface ReferenceEntry {
  readonly kind: string
  readonly text: string
  readonly calls: readonly string[]
}

/** A chapter of the page: what its examples start from, and its operations. */
export interface ReferenceChapter {
  readonly title: string
  readonly setup: readonly string[]
  readonly entries: readonly ReferenceEntry[]
}

/** Longer SQL than this is folded away. */
const FOLDED = 30
const CODE = /^```ts\n([\s\S]*?)^```\n/gm
const SQL_BLOCK = String.raw`(?:<details>\n<summary>[^\n]*</summary>\n\n)?\`\`\`sql\n[\s\S]*?^\`\`\`\n(?:\n</details>\n)?`
const CALL = new RegExp(
  String.raw`^\`\`\`ts\n([\s\S]*?)^\`\`\`\n(?:\n${SQL_BLOCK})?(?:\nUndone by:\n\n${SQL_BLOCK})?`,
  'gm',
)
const INDEX = /(?<=\n\n)(?:INDEX|- \[[\s\S]*?)\n(?=\n## )/

export function readReference(page: string): ReferenceChapter[] {
  return sections(page, '## ').map(({ title, text }) => {
    const [head = ''] = text.split(/^### /m)
    return {
      title,
      setup: codes(head),
      entries: sections(text, '### ').map((entry) => ({
        kind: entry.title,
        text: entry.text,
        calls: codes(entry.text),
      })),
    }
  })
}

/** What a call of the page records. */
export function recorded(call: string): readonly Operation[] {
  const builder = new SchemaBuilder()
  runCall(call, builder)
  return builder.operations
}

/** Runs a block of documentation, with `builder` and what an import would give it. */
export function runCall(
  call: string,
  builder: SchemaBuilder,
  console: { readonly assert?: (isTrue: boolean) => unknown } = {},
): void {
  const { code } = transformSync('block.ts', call)
  // oxlint-disable-next-line typescript/no-implied-eval -- documentation is code here
  new Function('builder', 'sql', 'rawSql', 'console', code)(builder, sql, rawSql, console)
}

/** What undoes operations; undefined where one of them cannot be undone. */
export function inverse(operations: readonly Operation[]): readonly Operation[] | undefined {
  try {
    return invertAll(withMemory(operations))
  } catch (error) {
    if (error instanceof IrreversibleError) return undefined
    throw error
  }
}

/** The page as it has to be: with its index, and below each call its SQL and what undoes it. */
export function renderReference(page: string): string {
  const [head = '', ...chapters] = page.split(/^(?=## )/m)
  return [
    `${head}\n`.replace(/\n\n$/, '\n'),
    ...chapters.map((chapter) => {
      const [intro = '', ...entries] = chapter.split(/^(?=### )/m)
      return [intro, ...entries.map(renderEntry)].join('')
    }),
  ]
    .join('')
    .replace(INDEX, () => `${index(readReference(page))}\n`)
}

function renderEntry(entry: string): string {
  return entry.replaceAll(CALL, (_all, call: string, at: number) => {
    const operations = recorded(call)
    const undo = inverse(operations)
    const rest = entry.slice(at).replace(new RegExp(CALL.source, 'm'), '')
    const expected = undo === undefined ? 'Cannot be undone: ' : 'Nothing to undo: '
    const isExplained = rest.startsWith(`\n${expected}`)
    if (!undo?.length && !isExplained) {
      throw new Error(`below this call a paragraph has to begin with "${expected}":\n${call}`)
    }
    return [
      `\`\`\`ts\n${call}\`\`\`\n`,
      sqlBlock(operations),
      ...(undo?.length ? ['Undone by:\n', sqlBlock(undo)] : []),
    ].join('\n')
  })
}

function sqlBlock(operations: readonly Operation[]): string {
  const text = operations.map((operation) => `${compile(operation)};\n`).join('')
  const block = `\`\`\`sql\n${text}\`\`\`\n`
  const lines = text.split('\n').length - 1
  if (lines <= FOLDED) return block
  return `<details>\n<summary>${lines} lines of SQL</summary>\n\n${block}\n</details>\n`
}

function index(chapters: readonly ReferenceChapter[]): string {
  return chapters
    .filter(({ entries }) => entries.length > 0)
    .map(({ title, entries }) => {
      const links = entries.map(({ kind }) => `[${kind}](#${kind.toLowerCase()})`)
      return `- [${title}](#${anchor(title)}): ${links.join(', ')}`
    })
    .join('\n')
}

/** The anchor that GitHub gives a heading. */
export function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')
}

function sections(text: string, mark: string): { title: string; text: string }[] {
  return text
    .split(new RegExp(`^${mark}`, 'm'))
    .slice(1)
    .map((section) => {
      const end = section.indexOf('\n')
      return { title: section.slice(0, end), text: section.slice(end) }
    })
}

function codes(text: string): string[] {
  return [...text.matchAll(CODE)].map(([, code = '']) => code)
}

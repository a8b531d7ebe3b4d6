import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'

import fastGlob from 'fast-glob'
import { expect, test } from 'vitest'

/** What a folder may import besides itself, `errors.ts` and `tables.ts`: the floors below it. */
const FLOORS: Readonly<Record<string, readonly string[]>> = {
  operations: ['lexer'],
  lexer: [],
  database: ['lexer'],
  sql: ['operations', 'lexer'],
  catalog: ['lexer', 'operations', 'sql', 'database'],
  builder: ['lexer', 'operations', 'sql', 'database'],
  migration: ['lexer', 'operations', 'sql', 'database', 'builder'],
  diff: ['lexer', 'operations', 'sql', 'database', 'catalog'],
  generate: ['lexer', 'operations', 'sql', 'database', 'catalog'],
  testing: ['lexer', 'operations', 'sql', 'database', 'catalog', 'builder', 'migration'],
  vitest: ['lexer', 'operations', 'sql', 'database', 'catalog', 'builder', 'migration', 'testing'],
  shadow: [
    'lexer',
    'operations',
    'sql',
    'database',
    'catalog',
    'builder',
    'migration',
    'diff',
    'generate',
  ],
  cli: [
    'lexer',
    'operations',
    'sql',
    'database',
    'catalog',
    'builder',
    'migration',
    'diff',
    'generate',
    'testing',
    'shadow',
  ],
  // Only for types, as a user's migrations do.
  db: ['builder'],
}
const SHARED = new Set(['errors.ts', 'tables.ts'])
const ENTRY = { file: 'index.ts', forbidden: new Set(['cli', 'vitest']) }

const source = resolve('src')
const files = fastGlob.sync('**/*.ts', { cwd: source, absolute: true })

function imports(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  const specifiers = [
    ...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']*)'/g),
    ...text.matchAll(/new URL\('(\.[^']*\.[jt]s)'/g),
  ]
  return specifiers.map(([, specifier = '']) =>
    relative(source, join(dirname(file), specifier.replace(/\.js$/, '.ts'))),
  )
}

function violations(): string[] {
  return files.flatMap((file) => {
    const from = relative(source, file)
    const [folder = ''] = from.split(sep)
    return imports(file)
      .filter((to) => {
        const [target = ''] = to.split(sep)
        if (from === ENTRY.file) return ENTRY.forbidden.has(target)
        if (SHARED.has(to) || target === folder) return false
        return !FLOORS[folder]?.includes(target)
      })
      .map((to) => `${from} imports ${to}`)
  })
}

test('every folder has a floor', () => {
  const folders = new Set(
    files.map((file) => relative(source, file)).filter((file) => file.includes(sep)),
  )
  const unknown = [...folders]
    .map((file) => file.split(sep)[0] ?? '')
    .filter((name) => !(name in FLOORS))
  expect(unknown).toEqual([])
})

test('imports go down only', () => {
  expect(violations()).toEqual([])
})

test('imports are seen at all', () => {
  expect(imports(join(source, 'sql', 'compile.ts'))).toContain(join('operations', 'operation.ts'))
})

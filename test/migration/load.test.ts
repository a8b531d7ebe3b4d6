import { mkdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

import { describe, expect, test } from 'vitest'

import { loadInNode } from './load-in-node.ts'
import type { Loaded } from './load-in-node.ts'
import { createProject } from './project.ts'

/** Loads one file of a new project. */
async function load(
  files: Readonly<Record<string, string>>,
  fileName: string,
): Promise<Loaded & { root: string }> {
  const project = createProject(files)
  const [loaded] = await loadInNode([project.file(fileName)])
  return { ...loaded, root: project.root }
}

/** A place in a migration, as messages write it. */
function at(root: string, place: string): string {
  return relative(process.cwd(), join(root, 'src/db/migrations', place))
}

const MODULES = {
  'all.ts': `
    import type { Nothing } from 'not-installed'
    import { a } from './a'
    import { b } from './b.js'
    import { c } from '../lib'
    import { d } from './d.ts'
    enum Color { Red = 'red' }
    class Named { constructor(private readonly name: string) {} read() { return this.name } }
    export function up(builder: Nothing): string {
      return [a(), b, c, d, Color.Red, new Named('named').read()].join()
    }
    export const down = false`,
  'a.ts': `export const a = (): string => 'a'`,
  'b.ts': `export const b: string = 'b'`,
  '../lib/index.ts': `export const c: string = 'c'`,
  'd.ts': `export const d: string = 'd'`,
  'default.mts': `export default { up: async (): Promise<string> => 'default', down() {} }`,
  'plain.mjs': `export const up = () => 'plain'`,
  'common.cjs': `exports.up = () => 'common'; exports.down = () => {}`,
  'common.cts': `
    const { a } = require('./a')
    const { e } = require('./e.cts')
    module.exports = { up(): string { return [a(), e, require('../lib').c].join() }, down: false }`,
  'e.cts': `const e: string = 'e'; exports.e = e`,
  'modern.cts': `export const up = (): string => 'modern'`,
}
const FILES = ['all.ts', 'default.mts', 'plain.mjs', 'common.cjs', 'common.cts', 'modern.cts']
const LOADED = [
  { up: 'a,b,c,d,red,named', down: 'false' },
  { up: 'default', down: 'function' },
  { up: 'plain', down: 'undefined' },
  { up: 'common', down: 'function' },
  { up: 'a,e,c', down: 'false' },
  { up: 'modern', down: 'undefined' },
]

describe.each([
  ['an ESM project', { type: 'module' }],
  ['a CommonJS project', { type: 'commonjs' }],
  ['a project that does not say', {}],
])('in %s', (_, manifest) => {
  test.each([false, true])(
    'every kind of file loads (in a worker thread: %s)',
    async (inWorker) => {
      const { file } = createProject(MODULES, manifest)
      expect(await loadInNode(FILES.map(file), { inWorker })).toEqual(LOADED)
    },
  )
})

test('in a CommonJS project a .ts file may be CommonJS', async () => {
  const { file } = createProject(
    {
      'a.ts': `const text: string = \`
export not\`
module.exports = { up: () => text }`,
    },
    {},
  )
  expect(await loadInNode([file('a.ts')])).toEqual([{ up: '\nexport not', down: 'undefined' }])
})

test('a definition object keeps its this', async () => {
  const loaded = await load(
    { 'a.mjs': `export default { table: 'users', up() { return this.table } }` },
    'a.mjs',
  )
  expect(loaded.up).toBe('users')
})

test('the output of a compiler that turned a default export into CommonJS loads', async () => {
  const loaded = await load(
    { 'a.cjs': `exports.__esModule = true; exports.default = { up: () => 1, down: () => 2 }` },
    'a.cjs',
  )
  expect(loaded).toMatchObject({ up: 1, down: 'function' })
})

test('files in node_modules are left to Node', async () => {
  const project = createProject({ 'a.ts': `import 'pack/broken.ts'\nexport const up = () => 1` })
  const folder = join(project.root, 'node_modules/pack')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'broken.ts'), 'export const x: number = 1')
  const [loaded] = await loadInNode([project.file('a.ts')])
  expect(loaded?.error).toMatchObject({ code: 'FAASJS_PG_LOAD_FAILED' })
  expect(loaded?.error?.why).toMatch(/node_modules|extension/)
})

describe('lines of a stack', () => {
  const source = `interface Gone {
  many: string
  lines: string
}

enum Here { A }


export function up(builder: Gone): string | undefined {
  return new Error('here').stack?.split('\\n')[1]
}
`

  test.each(['a.ts', 'a.cts', 'a.mts'])('are those of %s', async (name) => {
    const { up, root } = await load({ [name]: source }, name)
    expect(up).toContain(`${join(root, 'src/db/migrations', name)}:10:`)
  })
})

describe('errors', () => {
  test('a file that throws on import', async () => {
    const text = `interface Gone {\n  a: string\n}\n\n\nthrow new TypeError('boom')\nexport function up() {}`
    const { error, root } = await load({ 'a.ts': text }, 'a.ts')
    expect(error).toMatchObject({
      code: 'FAASJS_PG_LOAD_FAILED',
      what: `migration "a" could not be loaded at ${at(root, 'a.ts:6')}`,
      why: 'TypeError: boom',
      cause: 'TypeError: boom',
      details: { migration: 'a', line: 6 },
    })
  })

  test('a helper that throws on import is named itself', async () => {
    const { error, root } = await load(
      { 'a.ts': `import './b'\nexport const up = () => 1`, 'b.ts': `\nthrow 'words'` },
      'a.ts',
    )
    expect(error).toMatchObject({ why: 'it threw words', cause: 'words' })
    const named = await load(
      { 'a.ts': `import './b'\nexport const up = () => 1`, 'b.ts': `\nthrow new Error('x')` },
      'a.ts',
    )
    expect(named.error?.what).toBe(
      `migration "a" could not be loaded at ${at(named.root, 'b.ts:2')}`,
    )
    expect(root).not.toBe(named.root)
  })

  test.each([
    ['a.ts', 'export function up() {\n  const a: = 3\n}'],
    ['a.cts', 'exports.up = () => 1\nconst a: = 3'],
    ['a.mjs', 'export function up() {\n  const a = = 3\n}'],
    ['a.cjs', 'exports.up = () => 1\nconst a = = 3'],
  ])('a syntax error in %s', async (name, text) => {
    const { error, root } = await load({ [name]: text }, name)
    expect(error).toMatchObject({
      code: 'FAASJS_PG_LOAD_FAILED',
      what: `migration "a" could not be loaded at ${at(root, `${name}:2`)}`,
      why: expect.stringMatching(/^SyntaxError: Unexpected token/),
      fix: 'correct the syntax of that line',
    })
  })

  test('an import of a file that is not there', async () => {
    const text = `\nimport { x } from './nope'\nexport const up = () => x`
    const { error, root } = await load({ 'a.ts': text }, 'a.ts')
    expect(error).toMatchObject({
      what: `migration "a" could not be loaded at ${at(root, 'a.ts:2')}`,
      why: expect.stringContaining('nope'),
      fix: 'create the imported file, or correct the import',
    })
  })

  test.each([
    ['not-installed/sub', 'npm install not-installed'],
    ['@scope/not-installed/sub', 'npm install @scope/not-installed'],
    [
      '@/helpers',
      'use a relative import: the path aliases of tsconfig.json do not exist at run time',
    ],
  ])('an import of %s, which is not installed', async (specifier, fix) => {
    const text = `import { x } from '${specifier}'\nexport const up = () => x`
    const { error, root } = await load({ 'a.ts': text }, 'a.ts')
    expect(error).toMatchObject({
      what: `migration "a" could not be loaded at ${at(root, 'a.ts:1')}`,
      fix,
    })
  })

  test.each(['a.ts', 'a.cts', 'a.mjs', 'a.cjs'])('%s deleted after it was listed', async (name) => {
    const { error, root } = await load({}, name)
    expect(error).toMatchObject({
      code: 'FAASJS_PG_LOAD_FAILED',
      what: 'migration "a" could not be loaded: its file is gone',
      why: expect.stringContaining(join(root, 'src/db/migrations', name)),
    })
  })

  test.each([
    ['an empty file', ''],
    ['other exports', 'export const down = () => 1\nexport default { update() {} }'],
    ['an up that is no function', `export const up = 'CREATE TABLE'`],
  ])('no up: %s', async (_, text) => {
    const { error, root } = await load({ 'a.ts': text }, 'a.ts')
    expect(error).toMatchObject({
      code: 'FAASJS_PG_NO_UP_EXPORT',
      what: `migration "a" has no up: ${join(root, 'src/db/migrations/a.ts')}`,
      fix: 'export function up(builder) { … }',
    })
  })

  test('a down that is no function', async () => {
    const { error } = await load(
      { 'a.ts': 'export const up = () => 1\nexport const down = 1' },
      'a.ts',
    )
    expect(error).toMatchObject({ code: 'FAASJS_PG_BAD_DOWN_EXPORT' })
  })
})

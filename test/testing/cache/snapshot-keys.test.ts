import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { beforeEach, expect, onTestFinished, test } from 'vitest'

import { findMigrations } from '../../../src/migration/source.ts'
import { type SnapshotKeys, snapshotKeys } from '../../../src/testing/cache/snapshot-keys.ts'

let root = ''

const FILES = {
  'db/1-a.ts': `import { names } from './shared.js'; export function up() { names }`,
  'db/2-b.ts': `import data from '../data/seed.json' with { type: 'json' }; export function up() { data }`,
  'db/3-c.ts': `import { readFile } from 'node:fs/promises'
    export async function up() { await readFile(new URL('../data/rows.csv', import.meta.url)) }`,
  'db/4-d.up.sql': 'select 4',
  'db/4-d.down.sql': 'select -4',
  'shared/inner.ts': 'export const inner = 1',
  'data/seed.json': '[1]',
  'data/rows.csv': '1,2',
  'node_modules/helper/package.json': '{ "name": "helper", "version": "1.0.0" }',
} as const

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'faasjs-pg-keys-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(FILES)) await write(path, text)
  await write('db/shared.ts.txt', 'not a migration, and named by none')
  await write('db/1-a.ts', FILES['db/1-a.ts'].replace('./shared.js', '../shared/names.js'))
  await write('shared/names.ts', `export { inner as names } from './inner'`)
})

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), text)
}

async function keys(version = '1'): Promise<SnapshotKeys> {
  return snapshotKeys(await findMigrations(join(root, 'db')), [], root, version)
}

/** How many leading layers two lists have in common. */
function common(a: SnapshotKeys, b: SnapshotKeys): number {
  const index = a.layers.findIndex((layer, at) => layer !== b.layers[at])
  return index < 0 ? a.layers.length : index
}

test('are the same for the same files', async () => {
  const first = await keys()
  expect(first.layers).toHaveLength(5)
  expect(new Set(first.layers).size).toBe(5)
  expect(await keys()).toEqual(first)
})

test.each([
  ['db/1-a.ts', `${FILES['db/1-a.ts']}//`, 1],
  ['shared/names.ts', 'export const names = 2', 1],
  ['shared/inner.ts', 'export const inner = 2', 1],
  ['data/seed.json', '[2]', 2],
  ['data/rows.csv', '3,4', 3],
  ['db/4-d.up.sql', 'select 5', 4],
  ['db/4-d.down.sql', 'select -5', 4],
  ['db/5-e.sql', 'select 5', 5],
])('change from the migration on that depends on %s', async (path, text, kept) => {
  const before = await keys()
  await write(path, text)
  const after = await keys()
  expect(common(before, after)).toBe(kept)
  expect(after.baseline).not.toBe(before.baseline)
  expect(after.cluster).toBe(before.cluster)
})

test('change with the engine', async () => {
  const before = await keys('1')
  const after = await keys('2')
  expect(after.cluster).not.toBe(before.cluster)
  expect(common(before, after)).toBe(0)
})

test('change with the version of an imported package, and with a variable that is read', async () => {
  await write('db/2-b.ts', `import 'helper/deep'; export function up() { process.env.KEYS_TEST }`)
  const before = await keys()
  await write('node_modules/helper/package.json', '{ "name": "helper", "version": "1.0.1" }')
  const upgraded = await keys()
  expect(common(before, upgraded)).toBe(2)
  process.env['KEYS_TEST'] = 'set'
  onTestFinished(() => void delete process.env['KEYS_TEST'])
  expect(common(upgraded, await keys())).toBe(2)
})

test('end where a migration reads files that it does not name', async () => {
  await write(
    'db/3-c.ts',
    'import { readFileSync as r } from "node:fs"; export const up = () => r(process.argv[2])',
  )
  const known = await keys()
  expect(known.layers).toHaveLength(3)
  expect(known.baseline).toBeUndefined()
})

test.each([
  'export const up = async () => (await import(process.argv[2])).up()',
  'export const up = async () => (await import(`./${name}.ts`)).up()',
  'const { KEYS_TEST } = process.env; export const up = () => KEYS_TEST',
  'export const up = () => process.env[name]',
  "import { env } from 'node:process'; export const up = () => env.KEYS_TEST",
])('end where a migration reads what is named as it runs: %s', async (text) => {
  await write('db/3-c.ts', text)
  expect((await keys()).layers).toHaveLength(3)
})

test.each([
  "export const up = async () => import('../shared/inner.ts')",
  "export const up = async () => import('../data/seed.json', { with: { type: 'json' } })",
  "export const up = () => process.env['KEYS_TEST'] ?? process.env.OTHER",
])('go on where all names are written: %s', async (text) => {
  await write('db/3-c.ts', text)
  expect((await keys()).layers).toHaveLength(5)
})

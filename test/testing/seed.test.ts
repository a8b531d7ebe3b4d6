import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

// From the build: the database's thread is a compiled file.
import { createTestDatabase, type TestDatabase } from '@faasjs/pg/testing'
import pg from 'pg'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'

const FILES = {
  'db/1-users.sql': 'create table users (id int generated always as identity, name text not null)',
  'seeds/names.ts': `export const names = ['ada', 'bea']`,
  'seeds/users.ts': `import { names } from './names.ts'
export default async (db) => {
  for (const name of names) await db.insert('users', { name })
}`,
  'seeds/more.sql': `-- one more\ninsert into users (name) values ('cy');\nselect 1;\n`,
} as const

let root = ''

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'faasjs-pg-seed-'))
  vi.stubEnv('FAASJS_PG_CACHE', join(root, 'cache'))
  onTestFinished(async () => {
    vi.unstubAllEnvs()
    await rm(root, { recursive: true, force: true })
  })
  for (const [path, text] of Object.entries(FILES)) await write(path, text)
})

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), text)
}

async function create(...seeds: string[]): Promise<TestDatabase> {
  const seed = seeds.map((path) => join(root, path))
  const database = await createTestDatabase({ migrations: join(root, 'db'), seed })
  onTestFinished(() => database.close())
  return database
}

async function users({ url }: TestDatabase): Promise<unknown[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    const { rows } = await client.query(`insert into users (name) values ('new') returning id`)
    return [...(await client.query('select name from users order by id')).rows, ...rows]
  } finally {
    await client.end()
  }
}

const named = (...names: string[]): unknown[] => names.map((name) => ({ name }))

test('modules and SQL files run in order, and a reset brings their rows back', async () => {
  const database = await create('seeds/users.ts', 'seeds/more.sql')
  const all = [...named('ada', 'bea', 'cy', 'new'), { id: 4 }]
  expect(await users(database)).toEqual(all)
  await database.reset()
  expect(await users(database)).toEqual(all)
})

test('what a seed imports is part of the cached snapshot, and its absence as well', async () => {
  await create('seeds/users.ts')
  await write('seeds/names.ts', `export const names = ['dee']`)
  expect(await users(await create('seeds/users.ts'))).toEqual([...named('dee', 'new'), { id: 2 }])
  expect(await users(await create())).toEqual([...named('new'), { id: 1 }])
})

test.each([
  [
    'a statement of a module',
    'seeds/users.ts',
    `export async function seed(db) {\n  await db.insert('users', { name: null })\n}`,
    /^FAASJS_PG_SEED_FAILED {2}seed .*seeds\/users\.ts failed at .*seeds\/users\.ts:2\n {2}sql {2}INSERT INTO "users"[^]*SQLSTATE 23502/,
  ],
  [
    'a statement of a file',
    'seeds/more.sql',
    'select 1;\n\ninsert into nobody values (1);',
    /seeds\/more\.sql failed at .*seeds\/more\.sql:3\n {2}sql {2}insert into nobody[^]*SQLSTATE 42P01/,
  ],
  [
    'a module that throws',
    'seeds/users.ts',
    `export default () => { throw new Error('no') }`,
    /threw at .*users\.ts:1[^]*Error: no/,
  ],
  ['a module that is none', 'seeds/users.ts', 'export const rows = []', /exports no function/],
  [
    'a syntax error',
    'seeds/users.ts',
    'export default (',
    /seeds\/users\.ts failed at .*users\.ts:1/,
  ],
  [
    'a file that cannot be cut into statements',
    'seeds/more.sql',
    `select 'open`,
    /more\.sql failed at .*more\.sql:1/,
  ],
])('fails with one message: %s', async (_, path, text, message) => {
  await write(path, text)
  const error: unknown = await create(path).catch((reason: unknown) => reason)
  expect(error).toMatchObject({
    code: 'FAASJS_PG_SEED_FAILED',
    message: expect.stringMatching(message),
  })
})

test('names a seed that is not there', async () => {
  await expect(create('seeds/nowhere.ts')).rejects.toMatchObject({
    code: 'FAASJS_PG_SEED_FAILED',
    message: expect.stringContaining('seeds/nowhere.ts'),
  })
})

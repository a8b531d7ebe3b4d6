import { expect, test } from 'vitest'

import { openDatabase } from '../../src/database/open.ts'
import type { DatabaseTarget } from '../../src/database/open.ts'

test('a database is returned as it is', async () => {
  const database = await openDatabase('postgres://u@127.0.0.1:1/d')
  expect(await openDatabase(database)).toBe(database)
  await database.close()
})

test.each([undefined, null, '', ' '])('%j: says which URLs there are', async (target) => {
  await expect(openDatabase(target as DatabaseTarget)).rejects.toThrowErrorMatchingInlineSnapshot(`
    [ConfigError: FAASJS_PG_NO_DATABASE_URL  no database URL was given
      why  DATABASE_URL is not set, or empty
      fix  DATABASE_URL=postgres://user:password@localhost:5432/mydb   # a server
           DATABASE_URL=pglite:./.data/dev   # the embedded database, in a folder]
  `)
})

test.each([
  ['a number', 5],
  ['a function', () => undefined],
  ['an object', {}],
  ['something that queries', { query: () => undefined }],
])('%s is no database', async (_, target) => {
  await expect(openDatabase(target as unknown as DatabaseTarget)).rejects.toMatchObject({
    code: 'FAASJS_PG_BAD_OPTION',
    summary: 'this is no database that can be opened',
    fix: 'openDatabase(process.env.DATABASE_URL)',
  })
})

test('a client of pg-native is refused by name', async () => {
  const native = { native: {}, connect() {}, query() {}, on() {}, escapeIdentifier() {} }
  await expect(openDatabase(native as unknown as DatabaseTarget)).rejects.toMatchObject({
    code: 'FAASJS_PG_BAD_OPTION',
    summary: 'clients of pg-native are not supported',
  })
})

import { homedir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { parseDatabaseUrl } from '../../src/database/database-url.ts'

test.each([
  'postgres://localhost/db',
  'postgresql://u:p@h:1/db?sslmode=require',
  'POSTGRES://h/d',
  'postgres://',
])('%s is a server', (url) => {
  expect(parseDatabaseUrl(` ${url}\n`)).toEqual({ engine: 'postgres', url })
})

test.each([
  ['pglite:', undefined],
  ['pglite://', undefined],
  ['pglite:memory', undefined],
  ['pglite://memory', undefined],
  ['pglite:./memory', join(process.cwd(), 'memory')],
  ['pglite:./.data/dev', join(process.cwd(), '.data/dev')],
  ['pglite://./.data/dev', join(process.cwd(), '.data/dev')],
  ['pglite:.data', join(process.cwd(), '.data')],
  ['pglite:/var/data', '/var/data'],
  ['pglite:///var/data', '/var/data'],
  ['pglite:~/data', join(homedir(), 'data')],
  ['pglite:./with space/100%', join(process.cwd(), 'with space/100%')],
])('%s is PGlite in %s', (url, folder) => {
  expect(parseDatabaseUrl(url)).toEqual({ engine: 'pglite', url, folder })
})

test.each([
  ['./.data/dev', 'folder', 'DATABASE_URL=pglite:./.data/dev'],
  ['.data', 'folder', 'DATABASE_URL=pglite:.data'],
  ['/var/lib/data', 'folder', 'DATABASE_URL=pglite:/var/lib/data'],
  ['C:\\data', 'folder', 'DATABASE_URL=pglite:C:\\data'],
  ['file:./data', 'scheme of its own', 'DATABASE_URL=pglite:./data'],
  ['file:///data', 'scheme of its own', 'DATABASE_URL=pglite:/data'],
  ['memory://', 'scheme of its own', 'DATABASE_URL=pglite://memory'],
  [
    'mysql://root:secret@h/d',
    '"mysql"',
    'DATABASE_URL=postgres://user:password@localhost:5432/mydb',
  ],
  ['jdbc:postgresql://h/d', 'Java', 'DATABASE_URL=postgresql://h/d'],
  ['localhost:5432/d', 'no scheme', 'DATABASE_URL=postgres://localhost:5432/d'],
  ['host=localhost dbname=d', 'host=', 'DATABASE_URL=postgres://user:password@localhost:5432/mydb'],
  ['postgres:localhost', 'no //', 'DATABASE_URL=postgres://user:password@localhost:5432/mydb'],
])('%s is refused with a hint', (url, why, fix) => {
  expect(() => parseDatabaseUrl(url)).toThrow(
    expect.objectContaining({
      code: 'FAASJS_PG_BAD_URL',
      why: expect.stringContaining(why) as string,
      fix,
    }),
  )
})

test('a refused URL keeps its password to itself', () => {
  expect(() => parseDatabaseUrl('mysql://root:secret@h/d')).toThrow(/^(?!.*secret)/s)
})

test.each(['', '  '])('%j is no URL at all', (url) => {
  expect(() => parseDatabaseUrl(url)).toThrowErrorMatchingInlineSnapshot(`
    [ConfigError: FAASJS_PG_NO_DATABASE_URL  no database URL was given
      why  DATABASE_URL is not set, or empty
      fix  DATABASE_URL=postgres://user:password@localhost:5432/mydb   # a server
           DATABASE_URL=pglite:./.data/dev   # the embedded database, in a folder]
  `)
})

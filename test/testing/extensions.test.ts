import { gzipSync } from 'node:zlib'

import { beforeAll, expect, test } from 'vitest'

import { readArchive } from '../../src/testing/extensions/archive.ts'
import { availableExtensions, findBundle } from '../../src/testing/extensions/bundles.ts'
import { extensionNames } from '../../src/testing/extensions/enable-extensions.ts'
import { column, connectTo, rawClientOf } from './clients.ts'
import { type LocalHost, snapshotOf, startHost } from './helpers.ts'
import { frontend } from './raw-client.ts'

let local: LocalHost

beforeAll(async () => {
  local = await startHost(
    await snapshotOf(`
      create extension pg_trgm;
      create table words (word text);
      create index on words using gin (word gin_trgm_ops);
    `),
  )
})

test('an extension of the migrations works in the database made from its snapshot', async () => {
  const client = await connectTo(local)
  await client.query(`insert into words values ('wonderful')`)
  expect(await column(client, `select word from words where word % 'wonderfull'`)).toEqual([
    'wonderful',
  ])
})

test.each([
  ['citext', `select 'A'::citext = 'a'`, true],
  ['"uuid-ossp"', `select length(uuid_generate_v4()::text)`, 36],
  ['pgcrypto', `select encode(digest('', 'md5'), 'hex')`, 'd41d8cd98f00b204e9800998ecf8427e'],
  ['hstore', `select ('a=>1'::hstore)->'a'`, '1'],
  ['unaccent', `select unaccent('é')`, 'e'],
])('create extension %s needs no configuration', async (name, sql, expected) => {
  const client = await connectTo(local)
  await client.query(`CREATE EXTENSION IF NOT EXISTS ${name}`)
  expect(await column(client, sql)).toEqual([expected])
})

test('whatever the length of the message', async () => {
  // 0x46 is the letter F.
  const sql = 'create extension if not exists cube; select 1'.padEnd(0x46 - 5)
  const client = await connectTo(local)
  await client.query(sql)
  expect(await column(client, `select '(1,2)'::cube::text`)).toEqual(['(1, 2)'])
})

test('by the extended protocol, with what it requires', async () => {
  const client = await rawClientOf(local)
  const answer = await client.ask(
    frontend.parse('', 'create extension earthdistance cascade'),
    frontend.bind('', ''),
    frontend.execute(''),
    frontend.sync,
  )
  expect(answer).toContain('C:CREATE EXTENSION')
  const [distance] = await column(
    await connectTo(local),
    'select earth_distance(ll_to_earth(0, 0), ll_to_earth(0, 0))',
  )
  expect(distance).toBe(0)
})

test('an unknown one is an error that names what there is, and the way out', async () => {
  const client = await connectTo(local)
  for (let attempt = 0; attempt < 2; attempt++) {
    await expect(client.query('create extension if not exists timescaledb')).rejects.toMatchObject({
      code: '0A000',
      message: 'extension "timescaledb" is not available in the embedded engine',
      detail: expect.stringMatching(/^Available: .*citext, .*uuid-ossp/),
      hint: expect.stringContaining('real PostgreSQL'),
    })
  }
})

test('a language that is not there is one, too', async () => {
  const client = await connectTo(local)
  await expect(client.query('create trusted language plperl')).rejects.toMatchObject({
    code: '0A000',
    hint: expect.stringContaining('real PostgreSQL'),
  })
  await client.query('create or replace language plpgsql')
})

test('one with a package of its own names the package', async () => {
  const client = await connectTo(local)
  await expect(client.query('create extension vector')).rejects.toMatchObject({
    code: '0A000',
    detail: 'The package "@electric-sql/pglite-pgvector" has it, and is not installed.',
    hint: 'npm install --save-dev @electric-sql/pglite-pgvector',
  })
})

test('names are read as PostgreSQL reads them', () => {
  expect(
    extensionNames(
      `create extension PG_Trgm; CREATE  EXTENSION if not  exists "uuid-ossp" schema x`,
    ),
  ).toEqual(['pg_trgm', 'uuid-ossp'])
  expect(findBundle('../../../etc/passwd')).toBeUndefined()
  expect(availableExtensions()).toEqual(expect.arrayContaining(['citext', 'pg_trgm', 'plpgsql']))
})

test('every archive of PGlite can be read', () => {
  for (const name of availableExtensions().filter((other) => other !== 'plpgsql')) {
    const bundle = findBundle(name)
    expect(bundle?.kind).toBe('file')
  }
  const name = Buffer.alloc(512)
  name.write('folder/file')
  name.write('00000000005\0', 124)
  name.write('0', 156)
  const archive = Buffer.concat([name, Buffer.from('hello'), Buffer.alloc(507 + 1024)])
  const [file] = [...readArchive(gzipSync(archive))]
  expect(file?.path).toBe('folder/file')
  expect(Buffer.from(file?.content ?? []).toString()).toBe('hello')
})

test('an extension that a test made is gone after a reset, one of the migrations stays', async () => {
  const client = await connectTo(local)
  await local.host.reset('before')
  await client.query('create extension seg')
  await local.host.reset('after')
  expect(
    await column(client, `select extname from pg_extension where extname in ('seg', 'pg_trgm')`),
  ).toEqual(['pg_trgm'])
  expect(await column(client, `select 'abc' % 'abc'`)).toEqual([true])
  await client.query('create extension seg')
  expect(await column(client, `select '1..2'::seg::text`)).toEqual(['1 .. 2'])
})

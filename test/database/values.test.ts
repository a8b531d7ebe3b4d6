import { Client } from 'pg'
import { expect, inject, onTestFinished, test } from 'vitest'

import { openDatabase } from '../../src/database/open.ts'
import { PARSED_TYPES } from '../../src/database/values.ts'
import { freshDatabase } from '../helpers/postgres.ts'

test('every parsed type is one of PostgreSQL, and every built-in array type is parsed', async () => {
  const { url, drop } = await freshDatabase()
  onTestFinished(drop)
  const client = new Client(url)
  await client.connect()
  onTestFinished(() => client.end())
  const { rows } = await client.query<{ oid: number; name: string; is_array: boolean }>(`
    SELECT oid, typname AS name, typcategory = 'A' AS is_array
    FROM pg_type
    WHERE oid < 10000 AND typelem NOT IN (SELECT oid FROM pg_type WHERE typtype = 'c')
  `)
  const known = new Map(rows.map(({ oid, name }) => [oid, name]))
  expect(PARSED_TYPES.filter((oid) => !known.has(oid))).toEqual([])
  const arrays = rows.filter(({ is_array }) => is_array)
  const missing = arrays.filter(({ oid }) => !PARSED_TYPES.includes(oid))
  // Geometric types, vectors and internals of the catalogs stay text.
  const names = missing.map(({ name }) => name).filter((name) => !name.includes('multirange'))
  // From PostgreSQL 14 on.
  expect(missing.length - names.length).toBe(inject('postgresMajor') < 14 ? 0 : 6)
  expect(names.toSorted()).toMatchInlineSnapshot(`
    [
      "_box",
      "_circle",
      "_cstring",
      "_gtsvector",
      "_int2vector",
      "_jsonpath",
      "_line",
      "_lseg",
      "_macaddr8",
      "_oidvector",
      "_path",
      "_pg_snapshot",
      "_point",
      "_polygon",
      "_refcursor",
      "_regcollation",
      "_regconfig",
      "_regdictionary",
      "_regoperator",
      "_txid_snapshot",
      "int2vector",
      "oidvector",
    ]
  `)
})

test('int2vector and oidvector of the catalogs are text', async () => {
  const { url, drop } = await freshDatabase()
  onTestFinished(drop)
  const database = await openDatabase(url)
  onTestFinished(() => database.close())
  const { rows } = await database.query(`SELECT '1 2'::int2vector AS a, '1 2'::oidvector AS b`)
  expect(rows).toEqual([{ a: '1 2', b: '1 2' }])
})

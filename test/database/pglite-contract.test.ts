import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

import { openDatabase } from '../../src/database/open.ts'
import { testDatabase } from './contract.ts'

// One instance for the suite: starting one takes longer than all the tests.
let shared: PGlite

beforeAll(async () => {
  shared = await PGlite.create()
})

afterAll(() => shared.close())

testDatabase('PGlite', async () => {
  onTestFinished(async () => {
    for (const sql of ['DISCARD ALL', 'DROP SCHEMA public CASCADE', 'CREATE SCHEMA public']) {
      await shared.exec(sql)
    }
  })
  return openDatabase(shared)
})

test('COPY FROM STDIN is refused, because PGlite would never return', async () => {
  const database = await openDatabase(shared)
  const refused = { code: 'FAASJS_PG_ENGINE_CAPABILITY' }
  await expect(database.query('COPY pg_class FROM STDIN')).rejects.toMatchObject(refused)
  await expect(database.run(['COPY pg_class FROM STDIN'])).rejects.toMatchObject({ cause: refused })
})

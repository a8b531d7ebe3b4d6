import { afterAll } from 'vitest'

import { TestDb } from '../../../src/testing/author/test-db.ts'
import { freshDatabase } from '../../helpers/postgres.ts'
import { snapshotOf, startHost } from '../helpers.ts'

/** The engines of {@link openTestDb}. */
export const ENGINES = ['pglite', 'postgres'] as const

/** A database on an engine with the tables of some SQL, for the tests of one file. To be called in `beforeAll`. */
export async function openTestDb(
  engine: (typeof ENGINES)[number],
  schema: string,
): Promise<TestDb> {
  if (engine === 'pglite') {
    const { url } = await startHost(snapshotOf(schema))
    return new TestDb(() => url)
  }
  const { url, drop } = await freshDatabase()
  afterAll(drop)
  const db = new TestDb(() => url)
  await db.raw(schema)
  return db
}

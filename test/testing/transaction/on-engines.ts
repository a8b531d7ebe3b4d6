import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// From the build: migrations run in a thread, whose module is a compiled file.
import { createTestDatabase, type TestDatabase, type TestDatabaseOptions } from '@faasjs/pg/testing'
import { afterAll, beforeAll, describe, inject, vi } from 'vitest'

import { SCRIPT_TABLES } from './script.ts'

/** Two databases of one engine: the same is sent to both, and in one everything is in a transaction. */
export interface Pair {
  plain: TestDatabase
  inOne: TestDatabase
}

/** The same tests on each engine; the pair is there when they run. */
export function describeOnEngines(define: (pair: Pair) => void): void {
  let folder = ''

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'faasjs-pg-scripts-'))
    await writeFile(join(folder, '20260101000000000-tables.sql'), SCRIPT_TABLES)
    vi.stubEnv('FAASJS_PG_CACHE', join(folder, 'cache'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  describe.each([
    ['PGlite', (): TestDatabaseOptions => ({ engine: 'pglite' })],
    ['PostgreSQL', (): TestDatabaseOptions => ({ url: inject('postgresAdminUrl') })],
  ])('on %s', (_, engine) => {
    const pair = {} as Pair

    beforeAll(async () => {
      pair.plain = await createTestDatabase({ migrations: folder, ...engine() })
      pair.inOne = await createTestDatabase({
        migrations: folder,
        ...engine(),
        reset: 'transaction',
      })
    })
    afterAll(() => Promise.all([pair.plain.close(), pair.inOne.close()]))

    define(pair)
  })
}

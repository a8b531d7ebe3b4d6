import { randomUUID } from 'node:crypto'

import { afterAll, beforeAll } from 'vitest'

import type { Database } from '../../src/database/database.ts'

/**
 * A role on every engine for the tests of one file. Roles belong to the whole server, where other
 * tests are at work, so its name is unique; `plain()` writes `web` for it in what is compared.
 */
export function useRole(engines: { all: () => readonly Database[] }): {
  readonly name: string
  plain: (text: string) => string
} {
  const name = `web_${randomUUID().slice(0, 8)}`
  beforeAll(async () => {
    for (const database of engines.all()) {
      await database.run([
        `CREATE ROLE ${name}`,
        // Ties the role to this database, so that catalog() looks at it here and nowhere else.
        `DO $$ BEGIN EXECUTE format('ALTER ROLE ${name} IN DATABASE %I SET tests.role = 1', current_database()); END $$`,
      ])
    }
  })
  afterAll(async () => {
    for (const database of engines.all()) {
      await database.run([`DROP OWNED BY ${name}`, `DROP ROLE ${name}`])
    }
  })
  return { name, plain: (text) => text.replaceAll(name, 'web') }
}

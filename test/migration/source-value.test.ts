import { expect, test } from 'vitest'

import { defineTable } from '../../src/builder/define-table.ts'
import {
  defineMigrationSource,
  migrate,
  migrateDown,
} from '../../src/migration/define-migration-source.ts'
import { defineMigration } from '../../src/migration/define-migration.ts'
import { emptyDatabase, recorded, tables } from './test-database.ts'

test.for(['postgres', 'pglite'] as const)('a source as a value, on %s', async (engine) => {
  const database = await emptyDatabase(engine)
  const users = defineTable('users', (table) => table.id())
  const source = defineMigrationSource({
    database: database.options.client ?? database.options.url ?? '',
    migrations: [
      defineMigration({
        name: '2',
        up: (t) => [t.createTable('posts', (p) => p.belongsTo(users))],
      }),
      defineMigration({
        name: '1',
        up: (t) => t.createTable(users),
        down: (t) => t.dropTable(users),
      }),
    ],
  })
  expect((await migrate(source)).applied.map(({ name }) => name)).toEqual(['1', '2'])
  expect(await tables(database)).toEqual(['posts', 'users'])
  expect((await migrateDown(source)).reverted.map(({ name }) => name)).toEqual(['2'])
  expect(await recorded(database)).toEqual(['1'])

  await expect(migrate({ ...source, migrations: [{ up: [] }] })).rejects.toThrow('has no name')
  const twice = [source.migrations[0], source.migrations[0]]
  await expect(migrate({ ...source, migrations: twice })).rejects.toThrow('two files are migration')
})

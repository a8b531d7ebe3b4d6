import { expect, onTestFinished, test } from 'vitest'

import { Migrator } from '../../src/migration/migrator.ts'
import { emptyDatabase } from './test-database.ts'

test.for(['postgres', 'pglite'] as const)(
  'a row of a table that has no columns can be inserted, on %s',
  { timeout: 60_000 },
  async (engine) => {
    const database = await emptyDatabase(engine)
    const seen: unknown[] = []
    const migrator = new Migrator({
      ...database.options,
      migrations: [
        {
          name: '1-marks',
          up: async (builder, { db }) => {
            builder.raw('CREATE TABLE marks ()').createTable('ids', (table) => table.serial('id'))
            seen.push(await db.insert('marks', {}), await db.insertMany('marks', [{}, {}]))
            seen.push(await db.insert('ids', {}), await db.query('SELECT count(*)::int FROM marks'))
          },
        },
      ],
    })
    onTestFinished(() => migrator.close())
    await migrator.migrate()
    expect(seen).toEqual([{}, [{}, {}], { id: 1 }, [{ count: 3 }]])
  },
)

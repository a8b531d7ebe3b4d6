import { join } from 'node:path'

import { describe, expect, onTestFinished, test } from 'vitest'

import { Migrator } from '../../src/migration/migrator.ts'
import { findMigrations } from '../../src/migration/source.ts'
import { createProject } from './project.ts'
import { emptyDatabase, recorded, tables } from './test-database.ts'
import type { TestDatabase } from './test-database.ts'

function migratorOf(folder: string, { options }: TestDatabase): Migrator {
  const migrator = new Migrator({ ...options, folder })
  onTestFinished(() => migrator.close())
  return migrator
}

describe.each(['postgres', 'pglite'] as const)('on %s', (engine) => {
  test('three shapes of SQL migrations, up and down', async () => {
    const database = await emptyDatabase(engine)
    const { folder } = createProject({
      '1-pair.up.sql': `CREATE TABLE a (id int);\nINSERT INTO a VALUES (1); -- done;\n`,
      '1-pair.down.sql': 'DROP TABLE a;',
      '2-one.sql': `-- head\n-- up\nCREATE TABLE b (t text DEFAULT ';');\nDO $$ BEGIN PERFORM 1; END $$;\n-- down\nDROP TABLE b`,
      '3-folder/up.sql': 'CREATE TABLE c ()',
      '3-folder/down.sql': 'DROP TABLE c',
      '4-dbmate.sql': '-- migrate:up\nCREATE TABLE d ();\n\n-- migrate:down\nDROP TABLE d;',
      '5-goose.sql': '-- +goose Up\nCREATE TABLE e ();\n-- +goose Down\nDROP TABLE e;',
    })
    const migrator = migratorOf(folder, database)
    const { applied } = await migrator.migrate()
    expect(applied.map(({ name, statements }) => [name, statements])).toEqual([
      ['1-pair', 2],
      ['2-one', 2],
      ['3-folder', 1],
      ['4-dbmate', 1],
      ['5-goose', 1],
    ])
    expect(await tables(database)).toEqual(['a', 'b', 'c', 'd', 'e'])
    for (let left = 4; left >= 0; left--) await migrator.down()
    expect(await tables(database)).toEqual([])
    expect(await recorded(database)).toEqual([])
  })

  test('a failed statement is named with the line of its file', async () => {
    const database = await emptyDatabase(engine)
    const { folder } = createProject({
      '1.sql': '-- up\nCREATE TABLE a ();\n\nSELECT nothing;\n',
    })
    await expect(migratorOf(folder, database).migrate()).rejects.toMatchObject({
      code: 'FAASJS_PG_STATEMENT_FAILED',
      details: { statement: 2, sqlState: '42703', source: expect.stringMatching(/1\.sql:4$/) },
    })
    expect(await tables(database)).toEqual([])
  })

  test('without a down there is no way back, and nothing happens', async () => {
    const database = await emptyDatabase(engine)
    const { folder } = createProject({ '1.sql': 'CREATE TABLE a ()' })
    const migrator = migratorOf(folder, database)
    await migrator.migrate()
    await expect(migrator.down()).rejects.toMatchObject({ code: 'FAASJS_PG_IRREVERSIBLE' })
    expect(await recorded(database)).toEqual(['1'])
  })

  test('outside a transaction, statement by statement', async () => {
    const database = await emptyDatabase(engine)
    const { folder } = createProject({
      '1.sql': 'CREATE TABLE a (id int)',
      '2.up.sql': `-- transaction: false\nCREATE INDEX CONCURRENTLY i ON a (id);\nVACUUM a;`,
      '2.down.sql': 'DROP INDEX CONCURRENTLY i',
    })
    const migrator = migratorOf(folder, database)
    await migrator.migrate()
    expect(await recorded(database)).toEqual(['1', '2'])
    await migrator.down()
    expect(await recorded(database)).toEqual(['1'])
  })
})

describe.each(['postgres', 'pglite'] as const)('transactions on %s', (engine) => {
  test.for([
    [
      'a file of its own',
      {
        '2.up.sql': 'CREATE INDEX i ON a (id)',
        '2.down.sql': `-- transaction: false\nDROP INDEX CONCURRENTLY i; VACUUM a`,
      },
    ],
    [
      'a part of the file',
      {
        '2.sql':
          '-- up\nCREATE INDEX i ON a (id);\n-- down\n-- transaction: false\nDROP INDEX CONCURRENTLY i;\nVACUUM a',
      },
    ],
    [
      'its marker',
      {
        '2.sql':
          '-- migrate:up\nCREATE INDEX i ON a (id);\n-- migrate:down transaction:false\nDROP INDEX CONCURRENTLY i;\nVACUUM a',
      },
    ],
  ] as const)('down alone runs outside one, as %s says', async ([, files]) => {
    const database = await emptyDatabase(engine)
    const { folder } = createProject({ '1.sql': 'CREATE TABLE a (id int)', ...files })
    const migrator = migratorOf(folder, database)
    await migrator.migrate()
    await migrator.down()
    expect(await recorded(database)).toEqual(['1'])
    expect(await tables(database)).toEqual(['a'])
  })

  test('up does not run outside for the sake of down', async () => {
    const database = await emptyDatabase(engine)
    const { folder } = createProject({
      '1.up.sql': 'CREATE TABLE a (); SELECT bogus',
      '1.down.sql': '-- transaction: false\nDROP TABLE a',
    })
    await expect(migratorOf(folder, database).migrate()).rejects.toThrow('bogus')
    expect(await tables(database)).toEqual([])
  })
})

test('what looks like a marker in strings, dollar quotes and comments is none', async () => {
  const database = await emptyDatabase('pglite')
  const { folder } = createProject({
    '1.sql': `\ufeff/*
-- down
*/
-- up
CREATE TABLE notes AS SELECT 'one
-- down
-- transaction: false
two' AS note;
DO $$
-- down
BEGIN END $$;
SELECT 1; -- down
-- DOWN
DROP TABLE notes;
`,
  })
  const migrator = migratorOf(folder, database)
  const { applied } = await migrator.migrate()
  expect(applied.map(({ statements }) => statements)).toEqual([3])
  expect(await tables(database)).toEqual(['notes'])
  await migrator.down()
  expect(await tables(database)).toEqual([])
})

test.for([
  ['-- head\nCREATE TABLE a ();\n-- up\n', '1.sql:2 has SQL before the first marker'],
  ['-- up\nSELECT 1;\n-- down\n-- up\nSELECT 2', '1.sql:4 begins "up" a second time'],
  ['-- up\n-- down\nSELECT 1;\n-- down\n', '1.sql:4 begins "down" a second time'],
] as const)('what would be lost is refused: %j', async ([sql, what]) => {
  const database = await emptyDatabase('pglite')
  const { folder } = createProject({ '1.sql': sql })
  await expect(migratorOf(folder, database).migrate()).rejects.toThrow(what)
})

test('two downs are refused', async () => {
  const database = await emptyDatabase('pglite')
  const { folder } = createProject({ '1.up.sql': '-- up\n-- down\nSELECT 1', '1.down.sql': '' })
  await expect(migratorOf(folder, database).migrate()).rejects.toThrow('has a "-- down" besides')
})

test('what PostgreSQL cannot run is refused with file and line', async () => {
  const database = await emptyDatabase('pglite')
  const { folder } = createProject({ '1.sql': 'SELECT 1;\n\\restrict abc\n' })
  await expect(migratorOf(folder, database).migrate()).rejects.toThrow(
    /BAD_SQL {2}\S+1\.sql:2 has a command of psql/,
  )
})

test('pairs are one migration, and a down needs its up', async () => {
  const { folder } = createProject({ '1.up.sql': '', '1.down.sql': '', '2/up.sql': '' })
  expect(await findMigrations(folder)).toEqual([
    { name: '1', path: join(folder, '1.up.sql'), downPath: join(folder, '1.down.sql') },
    { name: '2', path: join(folder, '2/up.sql') },
  ])
  const lone = createProject({ '1.down.sql': '' })
  await expect(findMigrations(lone.folder)).rejects.toThrow('a down without an up')
  const twice = createProject({ '1.sql': '', '1.ts': '' })
  await expect(findMigrations(twice.folder)).rejects.toThrow('two files are migration "1"')
})

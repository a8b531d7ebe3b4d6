import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, onTestFinished, test } from 'vitest'

import { MigrationTest } from '../../../src/testing/author/migration-test.ts'
import { freshDatabase } from '../../helpers/postgres.ts'
import { snapshotOf, startHost } from '../helpers.ts'

const PEOPLE = '20260101000000000-people'
const SPLIT = '20260102000000000-split-full-name'
const SLOPPY = '20260103000000000-sloppy'

const MIGRATIONS = {
  [`${PEOPLE}.mjs`]: `export function up(builder) {
    builder.createTable('people', (table) => { table.identity('id'); table.text('full_name') })
  }`,
  [`${SPLIT}.mjs`]: `export function up(builder) {
    builder.alterTable('people', (table) => {
      table.text('first_name').nullable()
      table.text('last_name').nullable()
    })
    builder.raw(
      "UPDATE people SET first_name = split_part(full_name, ' ', 1), last_name = split_part(full_name, ' ', 2)",
      'SELECT 1',
    )
  }`,
  [`${SLOPPY}.mjs`]: `export function up(builder) {
    builder.raw("CREATE TYPE mood AS ENUM ('sad', 'glad'); ALTER TABLE people ADD COLUMN mood mood")
  }
  export function down(builder) {
    builder.raw('ALTER TABLE people DROP COLUMN mood, DROP COLUMN last_name')
  }`,
}

const empty = snapshotOf('')
const urls = {
  pglite: async () => (await startHost(empty)).url,
  postgres: async () => {
    const database = await freshDatabase()
    onTestFinished(() => database.drop())
    return database.url
  },
}

function migrations(): string {
  const folder = mkdtempSync(join(tmpdir(), 'faasjs-pg-migration-test-'))
  for (const [name, text] of Object.entries(MIGRATIONS)) writeFileSync(join(folder, name), text)
  return folder
}

describe.each(['pglite', 'postgres'] as const)('%s', (engine) => {
  const start = async (name: string): Promise<MigrationTest> => {
    const migration = await MigrationTest.start(name, {
      url: await urls[engine](),
      folder: migrations(),
    })
    onTestFinished(() => migration.close())
    return migration
  }

  test('tries a migration on the rows it has to cope with', async () => {
    const migration = await start(SPLIT)
    expect(await migration.db.hasTable('people')).toBe(true)
    await migration.before((db) => db.insert('people', { full_name: 'Grace Hopper' }))
    await migration.up()
    expect(await migration.db.rows('people')).toMatchObject([
      { first_name: 'Grace', last_name: 'Hopper' },
    ])
    await migration.expectReversible()
    await migration.down()
    expect(await migration.db.rows('people')).toEqual([{ id: '1', full_name: 'Grace Hopper' }])
  })

  test('names what a down leaves behind, and what it takes too much', async () => {
    const migration = await start(SLOPPY)
    await expect(migration.expectReversible()).rejects.toMatchObject({
      code: 'FAASJS_PG_NOT_REVERSIBLE',
      details: {
        lost: ['column public.people.last_name text'],
        added: [`type public.mood enum 'sad', 'glad'`],
      },
    })
  })

  test('says which migrations there are when there is none of that name', async () => {
    await expect(start('split')).rejects.toMatchObject({
      code: 'FAASJS_PG_MIGRATION_NOT_FOUND',
      why: expect.stringContaining(SPLIT),
    })
  })
})

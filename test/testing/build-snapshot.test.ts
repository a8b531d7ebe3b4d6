import { expect, test } from 'vitest'

import { defineMigration } from '../../src/migration/define-migration.ts'
import { givenMigrations, type MigrationFile } from '../../src/migration/source.ts'
import { buildSnapshots } from '../../src/testing/host/build-snapshot.ts'
import { sharedEngineParts } from '../../src/testing/pglite/engine-parts.ts'
import { openPGlite } from '../../src/testing/pglite/open-pglite.ts'
import type { Snapshot } from '../../src/testing/pglite/snapshot.ts'

/** Migrations of one statement list each. */
function migrationsOf(...texts: readonly string[]): MigrationFile[] {
  return givenMigrations(
    texts.map((sql, index) =>
      defineMigration({ name: `2026010${index + 1}000000000-n${index}`, up: (b) => b.raw(sql) }),
    ),
  )
}

async function rowsOf(snapshot: Snapshot, sql: string): Promise<unknown[]> {
  const pglite = await openPGlite(snapshot)
  try {
    return (await pglite.query(sql)).rows
  } finally {
    await pglite.close()
  }
}

const NOTE = `insert into notes (body) values ('first')`

test.each([
  ['ordinary tables', `create table notes (id serial primary key, body text)`],
  [
    'unlogged tables, which a start after a crash empties',
    `create unlogged table notes (id serial primary key, body text)`,
  ],
  [
    'something temporary, which stays when nobody takes it away',
    `create table notes (id serial primary key, body text);
     create function pg_temp.scratch() returns int language sql return 1`,
  ],
])('the step before the last migration has everything: %s', async (_, sql) => {
  const parts = await sharedEngineParts()
  const files = migrationsOf(sql, NOTE, NOTE)
  const built = await buildSnapshots({ files, seeds: [], base: undefined, steps: [2], parts })
  const [step] = built.steps
  if (!step) throw new Error('no step was packed')
  const notes = 'select id, body from notes order by id'
  expect(await rowsOf(step, notes)).toEqual([{ id: 1, body: 'first' }])
  expect(await rowsOf(built.baseline, notes)).toHaveLength(2)
  const temporary = `select proname from pg_proc where proname = 'scratch'`
  expect(await rowsOf(step, temporary)).toEqual([])
  expect(await rowsOf(built.baseline, temporary)).toEqual([])

  // Who changes the last migration begins with the step.
  const changed = [...files.slice(0, 2), ...migrationsOf(sql, NOTE, 'select 1', NOTE).slice(3)]
  const again = await buildSnapshots({ files: changed, seeds: [], base: step, steps: [], parts })
  expect(await rowsOf(again.baseline, notes)).toHaveLength(2)
})

test('the last migration finds a session as new, whether the others ran before it or were packed', async () => {
  const parts = await sharedEngineParts()
  const files = migrationsOf(
    `create schema app; set search_path = app; set role pg_read_all_data; prepare p as select 1`,
    `do $$ begin
       if current_setting('search_path') ~ 'app' or current_user <> 'postgres'
         or exists (select from pg_prepared_statements) then raise 'the session is not new'; end if;
     end $$`,
  )
  const job = { files, seeds: [], base: undefined, parts }
  const built = await buildSnapshots({ ...job, steps: [1] })
  const [base] = built.steps
  await buildSnapshots({ ...job, base, steps: [] })
  expect(built.steps).toHaveLength(1)
})

import { expect, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { sql } from '../../src/builder/sql-fragment.ts'
import { checkSql, emptyDatabase, useEngines } from '../helpers/check-sql.ts'

const engines = useEngines()

test('a new column that is NOT NULL is filled', async () => {
  const said = await checkSql(
    engines.all(),
    (builder) =>
      builder
        .addColumn('users', (table) => table.string('locale').backfill('en'))
        .addColumn('users', (table) =>
          table
            .integer('n')
            .nullable()
            .backfill(sql`id * 2`),
        ),
    ['CREATE TABLE users (id integer)', 'INSERT INTO users VALUES (1), (2)'],
  )
  expect(said).toMatchInlineSnapshot(`
    "ALTER TABLE "users" ADD COLUMN "locale" varchar;
    UPDATE "users" SET "locale" = 'en' WHERE "locale" IS NULL;
    ALTER TABLE "users" ALTER COLUMN "locale" SET NOT NULL;
    ALTER TABLE "users" ADD COLUMN "n" integer;
    UPDATE "users" SET "n" = (id * 2) WHERE "n" IS NULL"
  `)
})

test('an undo of its own', async () => {
  const said = await checkSql(
    engines.all(),
    (builder) =>
      builder.reversible({
        up: (up) => up.raw('CREATE TABLE a ()').raw('CREATE TABLE b ()'),
        down: (down) => down.dropTable('b').dropTable('a'),
      }),
    [],
  )
  expect(said).toMatchInlineSnapshot(`
    "CREATE TABLE a ();
    CREATE TABLE b ()"
  `)
})

test('batches, committed one by one, that go on after a crash', async () => {
  for (const database of engines.all()) {
    await emptyDatabase(database)
    await database.run([
      'CREATE SCHEMA app',
      `CREATE TABLE app."User's" (a text, b integer, id integer, done integer, PRIMARY KEY (b, a))`,
      `INSERT INTO app."User's" SELECT 'x' || n % 3, n / 3, n FROM generate_series(1, 100) n`,
      // Stands for a crash in the fourth batch.
      `CREATE FUNCTION crash() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         IF NEW.id = 35 THEN RAISE 'crash'; END IF; RETURN NEW; END $$`,
      `CREATE TRIGGER crash BEFORE UPDATE ON app."User's" FOR EACH ROW EXECUTE FUNCTION crash()`,
    ])
    const [statement = ''] = new SchemaBuilder()
      .backfill("app.User's", {
        set: { done: sql`coalesce(done, 0) + 1` },
        where: 'id <> 50',
        batchSize: 10,
        pause: '1ms',
      })
      .toSQL()
    const done = async (): Promise<unknown> =>
      (
        await database.query(
          `SELECT count(*) FILTER (WHERE done = 1)::int AS once, count(*) FILTER (WHERE done > 1)::int AS more,
             to_regclass('faasjs_pg_backfills') IS NOT NULL AS kept FROM app."User's"`,
        )
      ).rows[0]
    await expect(database.run([statement])).rejects.toThrow('crash')
    expect(await done()).toEqual({ once: 30, more: 0, kept: true })
    await database.run([`DROP TRIGGER crash ON app."User's"`])
    await database.run([statement])
    expect(await done()).toEqual({ once: 99, more: 0, kept: false })
  }
})

test('without a primary key, it says what is missing', async () => {
  for (const database of engines.all()) {
    await emptyDatabase(database)
    await database.run(['CREATE TABLE b (id integer)'])
    const fill = (table: string): SchemaBuilder =>
      new SchemaBuilder(database).backfill(table, { set: { id: sql`id + 1` } })
    await expect(database.run(fill('b').toSQL())).rejects.toThrow('table "b" has no primary key')
  }
  expect(() => new SchemaBuilder().backfill('a', { set: {} })).toThrow('nothing to set')
  expect(() => new SchemaBuilder().backfill('a', { set: { b: 1 }, pause: 'soon' })).toThrow(
    'not a pause',
  )
})

import { describe, expect, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import type { Database } from '../../src/database/database.ts'
import { StatementError } from '../../src/errors.ts'
import { invertAll } from '../../src/operations/invert.ts'
import { compile } from '../../src/sql/compile.ts'
import { checkSql, emptyDatabase, useEngines } from '../helpers/check-sql.ts'

const engines = useEngines()

const BEFORE = [
  'CREATE SCHEMA "my App"',
  'CREATE TABLE users (id integer, updated_at timestamptz)',
  'CREATE TABLE posts (id integer, updated_at timestamp, "it\'s %s" date)',
  'CREATE TABLE "my App".users (id integer, updated_at timestamptz)',
]

test('one function for the tables of a schema', async () => {
  const said = await checkSql(
    engines.all(),
    (builder) => {
      builder.touchOnUpdate('users')
    },
    BEFORE,
  )
  expect(said).toMatchInlineSnapshot(`
    "DO $do$
    DECLARE
      target constant regclass := '"users"';
      touch constant name := 'faasjs_pg_touch_updated_at';
      home record;
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_attribute
        WHERE attrelid = target AND attname = 'updated_at' AND attnum > 0 AND NOT attisdropped) THEN
        RAISE undefined_column USING MESSAGE = format('column %I of %s does not exist', 'updated_at', target);
      END IF;
      SELECT n.oid, n.nspname INTO home
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = target;
      IF NOT EXISTS (SELECT FROM pg_proc
        WHERE proname = touch AND pronamespace = home.oid AND pronargs = 0) THEN
        EXECUTE format('CREATE FUNCTION %I.%I() RETURNS trigger LANGUAGE plpgsql AS %L',
          home.nspname, touch, 'BEGIN NEW."updated_at" := pg_catalog.now(); RETURN NEW; END');
      END IF;
      EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION %I.%I()',
        touch, target, home.nspname, touch);
    END
    $do$"
  `)
  const inverse = invertAll(new SchemaBuilder().touchOnUpdate('users').operations)
  expect(inverse.map(compile).join(';\n')).toMatchInlineSnapshot(`
    "DO $do$
    DECLARE
      touch constant regprocedure := (SELECT tgfoid FROM pg_trigger
        WHERE tgrelid = '"users"'::regclass AND tgname = 'faasjs_pg_touch_updated_at');
    BEGIN
      DROP TRIGGER "faasjs_pg_touch_updated_at" ON "users";
      IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgfoid = touch) THEN
        EXECUTE format('DROP FUNCTION %s', touch);
      END IF;
    END
    $do$"
  `)

  await checkSql(
    engines.all(),
    (builder) => {
      builder.touchOnUpdate('users')
      builder.touchOnUpdate('public.posts')
      builder.touchOnUpdate('my App.users')
      builder.touchOnUpdate('posts', { column: "it's %s" })
      builder.dropTouchOnUpdate('users')
      builder.touchOnUpdate('users')
    },
    BEFORE,
  )
})

describe('on every engine', () => {
  async function each(work: (database: Database) => Promise<void>): Promise<void> {
    for (const database of engines.all()) {
      await emptyDatabase(database)
      await database.run(BEFORE)
      await work(database)
    }
  }

  const functions = async (database: Database): Promise<unknown[]> => {
    const { rows } = await database.query<{ name: string }>(
      `SELECT oid::regprocedure::text AS name FROM pg_proc WHERE proname LIKE 'faasjs_pg%' ORDER BY 1`,
    )
    return rows.map(({ name }) => name)
  }

  test('the function lives beside the table, as long as a table uses it', () =>
    each(async (database) => {
      const builder = new SchemaBuilder(database)
      const inSchema = '"my App".faasjs_pg_touch_updated_at()'
      await builder.touchOnUpdate('users').touchOnUpdate('posts').run()
      expect(await functions(database)).toEqual(['faasjs_pg_touch_updated_at()'])
      await builder.touchOnUpdate('my App.users').run()
      expect(await functions(database)).toEqual([inSchema, 'faasjs_pg_touch_updated_at()'])
      await builder.dropTouchOnUpdate('users').run()
      expect(await functions(database)).toEqual([inSchema, 'faasjs_pg_touch_updated_at()'])
      await builder.dropTouchOnUpdate('public.posts').run()
      expect(await functions(database)).toEqual([inSchema])
      await builder.dropTouchOnUpdate('my App.users').run()
      expect(await functions(database)).toEqual([])
    }))

  test('an update sets the column, whatever it says itself; an insert does not', () =>
    each(async (database) => {
      await new SchemaBuilder(database)
        .touchOnUpdate('users')
        .touchOnUpdate('posts', { column: "it's %s" })
        .run()
      await database.run([
        `INSERT INTO users VALUES (1, '2001-01-01'), (2, '2001-01-01')`,
        'UPDATE users SET id = 3 WHERE id = 2',
        `INSERT INTO users VALUES (4, NULL)`,
        `UPDATE users SET updated_at = '1999-01-01' WHERE id = 4`,
        'INSERT INTO posts (id) VALUES (1)',
        'UPDATE posts SET id = 2',
      ])
      const { rows } = await database.query(
        `SELECT id, updated_at > now() - interval '1 hour' AS is_now FROM users ORDER BY id`,
      )
      expect(rows).toEqual([
        { id: 1, is_now: false },
        { id: 3, is_now: true },
        { id: 4, is_now: true },
      ])
      const posts = await database.query(`SELECT "it's %s" = current_date AS is_today FROM posts`)
      expect(posts.rows).toEqual([{ is_today: true }])
    }))

  test('names with all that could end a quote', () =>
    each(async (database) => {
      const odd = String.raw`a"b'c\d$do$ %I`
      const builder = new SchemaBuilder(database)
      await builder.createTable({ name: odd }, (table) => void table.timestamptz(odd)).run()
      await builder.touchOnUpdate({ name: odd }, { column: odd }).run()
      expect(await functions(database)).toHaveLength(1)
      await builder.dropTouchOnUpdate({ name: odd }, { column: odd }).run()
      expect(await functions(database)).toEqual([])
    }))

  test('a column that is not there', () =>
    each(async (database) => {
      const run = new SchemaBuilder(database)
        .touchOnUpdate('my App.users', { column: 'nope' })
        .run()
      await expect(run).rejects.toThrow(StatementError)
      await expect(run).rejects.toThrow('column nope of "my App".users does not exist')
      await expect(run).rejects.toMatchObject({ sqlState: '42703' })
    }))

  test('a name of 63 bytes', () =>
    each(async (database) => {
      const column = 'x'.repeat(63)
      await database.run([`ALTER TABLE users ADD COLUMN ${column} timestamptz`])
      const builder = new SchemaBuilder(database)
      await builder.touchOnUpdate('users', { column }).run()
      expect(await functions(database)).toHaveLength(1)
      await builder.dropTouchOnUpdate('users', { column }).run()
      expect(await functions(database)).toEqual([])
    }))
})

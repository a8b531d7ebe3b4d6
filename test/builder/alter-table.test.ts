import { describe, expect, test } from 'vitest'

import { sql } from '../../src/builder/sql-fragment.ts'
import type { TableBuilder } from '../../src/builder/table-builder.ts'
import { checkSql, useEngines } from '../helpers/check-sql.ts'

const engines = useEngines()

const BEFORE = [
  'CREATE TABLE teams (id integer PRIMARY KEY)',
  'CREATE TABLE users (id integer NOT NULL, name varchar(20), age text, email text)',
]

function alter(
  change: (table: TableBuilder) => void,
  before: readonly string[] = BEFORE,
): Promise<string> {
  return checkSql(engines.all(), (builder) => builder.alterTable('users', change), before)
}

test('calls keep their order', async () => {
  const said = await alter((table) => {
    table.dropColumn('name')
    table.text('name').nullable()
    table.index('name')
    table.raw(`UPDATE users SET name = 'x'`)
    table.alterColumn('name', { nullable: false })
    table.renameColumn('name', 'title')
    table.integer('name').nullable()
  })
  expect(said).toMatchInlineSnapshot(`
    "ALTER TABLE "users" DROP COLUMN "name";
    ALTER TABLE "users" ADD COLUMN "name" text;
    CREATE INDEX "idx_users_name" ON "users" ("name");
    UPDATE users SET name = 'x';
    ALTER TABLE "users" ALTER COLUMN "name" SET NOT NULL;
    ALTER TABLE "users" RENAME COLUMN "name" TO "title";
    ALTER TABLE "users" ADD COLUMN "name" integer"
  `)
})

test('a new column with its constraints', async () => {
  const said = await alter((table) => {
    table
      .integer('team_id')
      .nullable()
      .unique()
      .check('team_id > 0')
      .references('teams', 'id')
      .onDelete('CASCADE')
      .onUpdate('NO ACTION')
    table.enum('mood', ['sad', 'happy']).defaultTo('happy')
    table
      .uuid('key')
      .defaultTo(sql`gen_random_uuid()`)
      .primary()
    table.timestamps()
  })
  expect(said).toMatchInlineSnapshot(`
    "ALTER TABLE "users" ADD COLUMN "team_id" integer;
    ALTER TABLE "users" ADD CONSTRAINT "users_team_id_key" UNIQUE ("team_id");
    ALTER TABLE "users" ADD CONSTRAINT "users_team_id_check" CHECK (team_id > 0);
    ALTER TABLE "users" ADD CONSTRAINT "users_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "teams" ("id") ON DELETE CASCADE ON UPDATE NO ACTION;
    CREATE TYPE "users_mood" AS ENUM ('sad', 'happy');
    ALTER TABLE "users" ADD COLUMN "mood" "users_mood" DEFAULT 'happy' NOT NULL;
    ALTER TABLE "users" ADD COLUMN "key" uuid DEFAULT gen_random_uuid() NOT NULL;
    ALTER TABLE "users" ADD CONSTRAINT "users_pkey" PRIMARY KEY ("key");
    ALTER TABLE "users" ADD COLUMN "created_at" timestamptz DEFAULT now() NOT NULL;
    ALTER TABLE "users" ADD COLUMN "updated_at" timestamptz DEFAULT now() NOT NULL"
  `)
})

describe('alterColumn', () => {
  test('type', async () => {
    const said = await alter((table) => {
      table.alterColumn('name', { type: 'text' })
      table.alterColumn('age', { type: 'integer', using: 'age::integer' })
      table.alterColumn('email', { type: 'text', collate: 'C' })
    })
    expect(said).toMatchInlineSnapshot(`
      "ALTER TABLE "users" ALTER COLUMN "name" SET DATA TYPE text;
      ALTER TABLE "users" ALTER COLUMN "age" SET DATA TYPE integer USING age::integer;
      ALTER TABLE "users" ALTER COLUMN "email" SET DATA TYPE text COLLATE "C""
    `)
  })

  test('type with a default that does not convert', async () => {
    const said = await alter(
      (table) => {
        table.alterColumn('a', { type: 'integer', using: sql`length(a)`, defaultValue: 7 })
        table.alterColumn('b', { type: 'integer', using: 'length(b)', dropDefault: true })
      },
      [`CREATE TABLE users (a text DEFAULT 'x', b text DEFAULT 'y')`],
    )
    expect(said).toMatchInlineSnapshot(`
      "ALTER TABLE "users" ALTER COLUMN "a" DROP DEFAULT;
      ALTER TABLE "users" ALTER COLUMN "a" SET DATA TYPE integer USING length(a);
      ALTER TABLE "users" ALTER COLUMN "a" SET DEFAULT 7;
      ALTER TABLE "users" ALTER COLUMN "b" DROP DEFAULT;
      ALTER TABLE "users" ALTER COLUMN "b" SET DATA TYPE integer USING length(b)"
    `)
  })

  test('nullable and default', async () => {
    const said = await alter((table) => {
      table.alterColumn('name', { nullable: false })
      table.alterColumn('name', { nullable: true, defaultValue: "it's" })
      table.alterColumn('name', { dropDefault: true })
      table.alterColumn('email', { defaultValue: null })
      table.alterColumn('id', { defaultValue: 5 })
    })
    expect(said).toMatchInlineSnapshot(`
      "ALTER TABLE "users" ALTER COLUMN "name" SET NOT NULL;
      ALTER TABLE "users" ALTER COLUMN "name" SET DEFAULT 'it''s';
      ALTER TABLE "users" ALTER COLUMN "name" DROP NOT NULL;
      ALTER TABLE "users" ALTER COLUMN "name" DROP DEFAULT;
      ALTER TABLE "users" ALTER COLUMN "email" SET DEFAULT NULL;
      ALTER TABLE "users" ALTER COLUMN "id" SET DEFAULT 5"
    `)
  })

  test('now() as the default of a column of unknown type is the function', async () => {
    const said = await alter(
      (table) => table.alterColumn('at', { defaultValue: 'now()' }),
      ['CREATE TABLE users (at timestamptz)'],
    )
    expect(said).toMatchInlineSnapshot(`"ALTER TABLE "users" ALTER COLUMN "at" SET DEFAULT now()"`)
  })

  test('constraints on and off', async () => {
    const said = await alter((table) => {
      table.alterColumn('id', { primary: true })
      table.alterColumn('id', { primary: false })
      table.alterColumn('name', { unique: true })
      table.alterColumn('name', { unique: false })
      table.alterColumn('age', { check: `age <> ''` })
      table.alterColumn('id', { references: { table: 'teams', column: 'id', onDelete: 'CASCADE' } })
    })
    expect(said).toMatchInlineSnapshot(`
      "ALTER TABLE "users" ADD CONSTRAINT "users_pkey" PRIMARY KEY ("id");
      ALTER TABLE "users" DROP CONSTRAINT "users_pkey";
      ALTER TABLE "users" ADD CONSTRAINT "users_name_key" UNIQUE ("name");
      ALTER TABLE "users" DROP CONSTRAINT "users_name_key";
      ALTER TABLE "users" ADD CONSTRAINT "users_age_check" CHECK (age <> '');
      ALTER TABLE "users" ADD CONSTRAINT "users_id_fkey" FOREIGN KEY ("id") REFERENCES "teams" ("id") ON DELETE CASCADE"
    `)
  })
})

test('constraints and indexes of several columns', async () => {
  const said = await alter((table) => {
    table.primary(['id', 'name'], { name: 'users_key' })
    table.unique(['name', 'age'])
    table.check('sane', `name <> age`)
    table.foreign('id').references('teams', 'id').onUpdate('SET DEFAULT')
    table.index(['name', 'age'], { unique: true })
    table.dropIndex(['name', 'age'])
    table.index('age', { name: 'ages', indexType: 'hash' })
    table.dropIndex('age', { name: 'ages' })
  })
  expect(said).toMatchInlineSnapshot(`
    "ALTER TABLE "users" ADD CONSTRAINT "users_key" PRIMARY KEY ("id", "name");
    ALTER TABLE "users" ADD CONSTRAINT "users_name_age_key" UNIQUE ("name", "age");
    ALTER TABLE "users" ADD CONSTRAINT "sane" CHECK (name <> age);
    ALTER TABLE "users" ADD CONSTRAINT "users_id_fkey" FOREIGN KEY ("id") REFERENCES "teams" ("id") ON UPDATE SET DEFAULT;
    CREATE UNIQUE INDEX "idx_users_name_age" ON "users" ("name", "age");
    DROP INDEX "idx_users_name_age";
    CREATE INDEX "ages" ON "users" USING hash ("age");
    DROP INDEX "ages""
  `)
})

test('tables in schemas', async () => {
  const said = await checkSql(
    engines.all(),
    (builder) =>
      builder
        .alterTable('tenant.users', (table) => {
          table.integer('age').nullable()
          table.index('age')
          table.dropIndex('age')
          table.alterColumn('id', { primary: true })
          table.alterColumn('id', { primary: false })
          table.enum('mood', ['sad'], { type: 'moods' }).nullable()
        })
        .renameTable('tenant.users', 'tenant.people')
        .renameTable('tenant.people', 'folk')
        .dropTable('tenant.folk'),
    ['CREATE SCHEMA tenant', 'CREATE TABLE tenant.users (id integer)'],
  )
  expect(said).toMatchInlineSnapshot(`
    "ALTER TABLE "tenant"."users" ADD COLUMN "age" integer;
    CREATE INDEX "idx_users_age" ON "tenant"."users" ("age");
    DROP INDEX "tenant"."idx_users_age";
    ALTER TABLE "tenant"."users" ADD CONSTRAINT "users_pkey" PRIMARY KEY ("id");
    ALTER TABLE "tenant"."users" DROP CONSTRAINT "users_pkey";
    CREATE TYPE "tenant"."moods" AS ENUM ('sad');
    ALTER TABLE "tenant"."users" ADD COLUMN "mood" "tenant"."moods";
    ALTER TABLE "tenant"."users" RENAME TO "people";
    ALTER TABLE "tenant"."people" RENAME TO "folk";
    DROP TABLE "tenant"."folk""
  `)
})

test('an empty callback changes nothing', async () => {
  expect(await alter(() => undefined)).toBe('')
})

test('raw statements pass untouched', async () => {
  const said = await checkSql(
    engines.all(),
    (builder) =>
      builder
        .raw(`CREATE TABLE q (j jsonb, "what?" text)`)
        .raw(`INSERT INTO q VALUES ('{"a": 1}', $$it's $1 and :name$$)`, 'DELETE FROM q')
        .raw(`DO $do$ BEGIN PERFORM 1 FROM q WHERE j ? 'a'; END $do$; UPDATE q SET j = j -- why?`)
        .raw('  '),
    [],
  )
  expect(said).toMatchInlineSnapshot(`
    "CREATE TABLE q (j jsonb, "what?" text);
    INSERT INTO q VALUES ('{"a": 1}', $$it's $1 and :name$$);
    DO $do$ BEGIN PERFORM 1 FROM q WHERE j ? 'a'; END $do$; UPDATE q SET j = j -- why?"
  `)
})

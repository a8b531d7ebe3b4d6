import { describe, expect, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import type { CommentTargetInput } from '../../src/builder/targets.ts'
import { describe as inWords } from '../../src/operations/describe.ts'
import { checkSql, useEngines } from '../helpers/check-sql.ts'
import { failure } from '../helpers/failure.ts'
import { useRole } from '../helpers/use-role.ts'

const engines = useEngines()
const role = useRole(engines)

const BEFORE = [
  'CREATE SCHEMA app',
  'CREATE TABLE app.users (id integer CONSTRAINT positive CHECK (id > 0))',
  'CREATE INDEX by_id ON app.users (id)',
  'CREATE VIEW app.shown AS SELECT 1 AS one',
  'CREATE MATERIALIZED VIEW app.kept AS SELECT 1 AS one',
  'CREATE FUNCTION app.twice(integer) RETURNS integer LANGUAGE sql AS $$ SELECT $1 * 2 $$',
  'CREATE PROCEDURE app.clean() LANGUAGE sql AS $$ DELETE FROM app.users $$',
  'CREATE FUNCTION app.check_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
  'CREATE TRIGGER checked BEFORE INSERT ON app.users EXECUTE FUNCTION app.check_row()',
  'CREATE POLICY own ON app.users',
  `CREATE TYPE app.mood AS ENUM ('sad')`,
  'CREATE DOMAIN app.age AS integer CONSTRAINT adult CHECK (VALUE >= 18)',
  'CREATE SEQUENCE app.counter',
]

const TARGETS: readonly CommentTargetInput[] = [
  { table: 'app.users' },
  { table: 'app.users', column: 'id' },
  { view: 'app.shown' },
  { materializedView: 'app.kept' },
  { index: 'app.by_id' },
  { constraint: 'positive', table: 'app.users' },
  { constraint: 'adult', domain: 'app.age' },
  { function: 'app.twice', args: ['integer'] },
  { procedure: 'app.clean', args: [] },
  { function: { schema: 'app', name: 'check_row' } },
  { trigger: 'checked', table: 'app.users' },
  { policy: 'own', table: 'app.users' },
  { type: 'app.mood' },
  { domain: 'app.age' },
  { sequence: 'app.counter' },
  { schema: 'app' },
  { extension: 'plpgsql' },
]

test('comment on everything of a database', async () => {
  const said = await checkSql(
    engines.all(),
    (builder) => {
      for (const on of TARGETS) builder.comment(on, 'x')
    },
    [...BEFORE, 'COMMENT ON EXTENSION plpgsql IS NULL'],
  )
  expect(said).toMatchInlineSnapshot(`
    "COMMENT ON TABLE "app"."users" IS 'x';
    COMMENT ON COLUMN "app"."users"."id" IS 'x';
    COMMENT ON VIEW "app"."shown" IS 'x';
    COMMENT ON MATERIALIZED VIEW "app"."kept" IS 'x';
    COMMENT ON INDEX "app"."by_id" IS 'x';
    COMMENT ON CONSTRAINT "positive" ON "app"."users" IS 'x';
    COMMENT ON CONSTRAINT "adult" ON DOMAIN "app"."age" IS 'x';
    COMMENT ON FUNCTION "app"."twice"(integer) IS 'x';
    COMMENT ON PROCEDURE "app"."clean"() IS 'x';
    COMMENT ON FUNCTION "app"."check_row" IS 'x';
    COMMENT ON TRIGGER "checked" ON "app"."users" IS 'x';
    COMMENT ON POLICY "own" ON "app"."users" IS 'x';
    COMMENT ON TYPE "app"."mood" IS 'x';
    COMMENT ON DOMAIN "app"."age" IS 'x';
    COMMENT ON SEQUENCE "app"."counter" IS 'x';
    COMMENT ON SCHEMA "app" IS 'x';
    COMMENT ON EXTENSION "plpgsql" IS 'x'"
  `)
})

test('comment on what belongs to no schema', async () => {
  const said = await checkSql(
    engines.all(),
    (builder) => {
      builder.createEventTrigger('audit', { on: 'ddl_command_end', execute: 'public.note' })
      builder.comment({ eventTrigger: 'audit' }, 'it is "audit"')
      builder.createPublication('changes')
      builder.comment({ publication: 'changes' }, "it's 'changes'")
      builder.comment({ role: role.name }, 'back\\slash')
    },
    ['CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$'],
  )
  expect(role.plain(said)).toMatchInlineSnapshot(`
    "CREATE EVENT TRIGGER "audit" ON ddl_command_end EXECUTE FUNCTION "public"."note"();
    COMMENT ON EVENT TRIGGER "audit" IS 'it is "audit"';
    CREATE PUBLICATION "changes";
    COMMENT ON PUBLICATION "changes" IS 'it''s ''changes''';
    COMMENT ON ROLE "web" IS E'back\\\\slash'"
  `)
})

test('the comment before comes back', async () => {
  const said = await checkSql(
    engines.all(),
    (builder) => {
      builder.comment({ table: 'users' }, 'new', { was: 'old' })
      builder.comment({ table: 'users', column: 'id' }, null, { was: 'the key' })
      builder.comment({ table: 'users' }, null, { was: 'new' })
    },
    [
      'CREATE TABLE users (id integer)',
      `COMMENT ON TABLE users IS 'old'`,
      `COMMENT ON COLUMN users.id IS 'the key'`,
    ],
  )
  expect(said).toMatchInlineSnapshot(`
    "COMMENT ON TABLE "users" IS 'new';
    COMMENT ON COLUMN "users"."id" IS NULL;
    COMMENT ON TABLE "users" IS NULL"
  `)
})

test('in words', () => {
  const builder = new SchemaBuilder()
  for (const on of TARGETS) builder.comment(on, 'x')
  builder.comment({ table: 'users' }, null)
  expect(builder.operations.map(inWords)).toMatchInlineSnapshot(`
    [
      "comment on table "app.users"",
      "comment on column "id" of table "app.users"",
      "comment on view "app.shown"",
      "comment on materialized view "app.kept"",
      "comment on index "app.by_id"",
      "comment on constraint "positive" of table "app.users"",
      "comment on constraint "adult" of domain "app.age"",
      "comment on function "app.twice"(integer)",
      "comment on procedure "app.clean"()",
      "comment on function "app.check_row"",
      "comment on trigger "checked" of table "app.users"",
      "comment on policy "own" of table "app.users"",
      "comment on type "app.mood"",
      "comment on domain "app.age"",
      "comment on sequence "app.counter"",
      "comment on schema "app"",
      "comment on extension "plpgsql"",
      "remove comment of table "users"",
    ]
  `)
})

describe('bad targets', () => {
  test.for([
    [{}, 'comment cannot be on {}'],
    [{ tabel: 'users' }, 'comment cannot be on {"tabel":"users"}'],
    [{ toString: 'users' }, 'comment cannot be on'],
    [{ column: 'id' }, 'write { column: …, table: … }'],
    [{ policy: 'own', table: undefined }, 'write { policy: …, table: … }'],
    [{ constraint: 'c', table: 'a', domain: 'b' }, 'write { constraint: …, table: … }'],
    [{ view: 'v', column: 'id' }, 'write { column: …, table: … }'],
    [{ table: 'users', args: [] }, 'write { table: … }'],
    [{ table: 'a.b.c' }, 'is not a name'],
    [{ schema: '' }, 'non-empty'],
    [{ function: 'f', args: ['integer); DROP TABLE users; --'] }, 'is not a type'],
  ] as const)('%j', ([on, message]) => {
    const call = (): unknown =>
      new SchemaBuilder().comment(on as unknown as CommentTargetInput, 'x')
    expect(failure(call)).toContain(message)
  })

  test('bad text', () => {
    const builder = new SchemaBuilder()
    expect(failure(() => builder.comment({ table: 'users' }, 'a\0b'))).toContain('NUL')
    expect(failure(() => builder.comment({ table: 'users' }, 'a', { was: '\ud800' }))).toContain(
      'surrogate',
    )
    expect(builder.operations).toEqual([])
  })
})

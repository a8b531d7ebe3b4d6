import { describe, expect, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import type { OwnerTargetInput } from '../../src/builder/targets.ts'
import { IrreversibleError } from '../../src/errors.ts'
import { describe as inWords } from '../../src/operations/describe.ts'
import { invertAll } from '../../src/operations/invert.ts'
import { withMemory } from '../../src/operations/memory/schema-memory.ts'
import { checkSql, useEngines } from '../helpers/check-sql.ts'
import { useRole } from '../helpers/use-role.ts'

const engines = useEngines()
const role = useRole(engines)

const BEFORE = [
  'CREATE SCHEMA app',
  'CREATE TABLE app.users (id integer)',
  'CREATE VIEW app.all_users AS SELECT * FROM app.users',
  'CREATE MATERIALIZED VIEW app.kept AS SELECT * FROM app.users',
  'CREATE SEQUENCE app.counter',
  'CREATE FUNCTION app.f(integer) RETURNS integer LANGUAGE sql AS $$SELECT 1$$',
  'CREATE FUNCTION app.g() RETURNS integer LANGUAGE sql AS $$SELECT 1$$',
  'CREATE PROCEDURE app.p() LANGUAGE sql AS $$SELECT 1$$',
  'CREATE AGGREGATE app.total (integer) (SFUNC = int4pl, STYPE = integer)',
  'CREATE AGGREGATE app.rows (*) (SFUNC = int8inc, STYPE = bigint, INITCOND = 0)',
  `CREATE TYPE app.mood AS ENUM ('sad')`,
  'CREATE DOMAIN app.age AS integer',
  'CREATE PUBLICATION news',
]

const TARGETS: readonly OwnerTargetInput[] = [
  { table: 'app.users' },
  { view: 'app.all_users' },
  { materializedView: 'app.kept' },
  { sequence: 'app.counter' },
  { function: 'app.f', args: ['integer'] },
  { function: 'app.g' },
  { procedure: 'app.p', args: [] },
  { aggregate: 'app.total', args: ['integer'] },
  { aggregate: 'app.rows', args: [] },
  { type: 'app.mood' },
  { domain: 'app.age' },
  { schema: 'app' },
  { publication: 'news' },
  { language: 'plpgsql' },
]

describe('setOwner', () => {
  test('of everything that has one', async () => {
    const said = await checkSql(
      engines.all(),
      (builder) => {
        for (const on of TARGETS) builder.setOwner(on, role.name, { was: 'CURRENT_ROLE' })
      },
      BEFORE,
    )
    expect(role.plain(said)).toMatchInlineSnapshot(`
      "ALTER TABLE "app"."users" OWNER TO "web";
      ALTER VIEW "app"."all_users" OWNER TO "web";
      ALTER MATERIALIZED VIEW "app"."kept" OWNER TO "web";
      ALTER SEQUENCE "app"."counter" OWNER TO "web";
      ALTER FUNCTION "app"."f"(integer) OWNER TO "web";
      ALTER FUNCTION "app"."g" OWNER TO "web";
      ALTER PROCEDURE "app"."p"() OWNER TO "web";
      ALTER AGGREGATE "app"."total"(integer) OWNER TO "web";
      ALTER AGGREGATE "app"."rows"(*) OWNER TO "web";
      ALTER TYPE "app"."mood" OWNER TO "web";
      ALTER DOMAIN "app"."age" OWNER TO "web";
      ALTER SCHEMA "app" OWNER TO "web";
      ALTER PUBLICATION "news" OWNER TO "web";
      ALTER LANGUAGE "plpgsql" OWNER TO "web""
    `)
  })

  test('of what was made in the same list needs no "was"', async () => {
    await checkSql(engines.all(), (builder) => {
      builder
        .createSchema('app')
        .setOwner({ schema: 'app' }, role.name)
        .createTable('app.users', (table) => table.id())
        .setOwner({ table: 'app.users' }, role.name)
        .setOwner({ table: 'app.users' }, 'CURRENT_USER')
        .createView('app.v', 'SELECT 1 AS one')
        .setOwner({ view: 'app.v' }, role.name)
        .createFunction('app.f', { returns: 'integer', language: 'sql', body: 'SELECT 1' })
        .setOwner({ function: 'app.f', args: [] }, role.name)
    })
    const { operations } = new SchemaBuilder()
      .createSchema('app', { authorization: 'first' })
      .setOwner({ schema: 'app' }, 'second')
      .setOwner({ schema: 'app' }, 'third')
    expect(invertAll(withMemory(operations)).slice(0, 2)).toMatchObject([
      { kind: 'setOwner', to: { name: 'second' } },
      { kind: 'setOwner', to: { name: 'first' } },
    ])
  })

  test('comes back with what was dropped', () => {
    const { operations } = new SchemaBuilder()
      .createView('v', 'SELECT 1 AS one')
      .setOwner({ view: 'v' }, 'web')
      .dropView('v')
      .createTable('t', (table) => table.id())
      .setOwner({ table: 't' }, 'web')
      .dropTable('t')
    const undone = invertAll(withMemory(operations)).map(inWords)
    expect(undone).toMatchInlineSnapshot(`
      [
        "create table "t" (id)",
        "give table "t" to "web"",
        "give table "t" to CURRENT_ROLE",
        "drop table "t"",
        "create view "v"",
        "give view "v" to "web"",
        "give view "v" to CURRENT_ROLE",
        "drop view "v"",
      ]
    `)
  })

  test('of what is older needs "was"', () => {
    const { operations } = new SchemaBuilder().setOwner({ table: 'users' }, 'web')
    expect(() => invertAll(withMemory(operations))).toThrow(IrreversibleError)
  })

  test('is refused where there is none', () => {
    const index = { index: 'users_pkey' } as unknown as OwnerTargetInput
    expect(() => new SchemaBuilder().setOwner(index, 'web')).toThrow('an owner cannot be on')
  })
})

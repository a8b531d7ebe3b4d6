import { afterEach, describe, expect, test } from 'vitest'

import type { GrantDefaultOptions, PrivilegesInput } from '../../src/builder/privileges.ts'
import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import type { PrivilegeTargetInput } from '../../src/builder/targets.ts'
import { IrreversibleError } from '../../src/errors.ts'
import { describe as inWords } from '../../src/operations/describe.ts'
import { invertAll } from '../../src/operations/invert.ts'
import { checkSql, useEngines } from '../helpers/check-sql.ts'
import { failure } from '../helpers/failure.ts'
import { useRole } from '../helpers/use-role.ts'

const engines = useEngines()
const role = useRole(engines)

// Default privileges that are not of a schema survive it.
afterEach(async () => {
  for (const database of engines.all()) {
    await database.run([
      `DROP OWNED BY ${role.name}`,
      'ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC',
    ])
  }
})

const BEFORE = [
  'CREATE SCHEMA app',
  'CREATE TABLE app.users (id integer, name text, secret text)',
  'CREATE SEQUENCE app.counter',
  'CREATE FUNCTION app.f(integer) RETURNS integer LANGUAGE sql AS $$SELECT 1$$',
  'CREATE FUNCTION app.g() RETURNS integer LANGUAGE sql AS $$SELECT 1$$',
  'CREATE PROCEDURE app.p() LANGUAGE sql AS $$SELECT 1$$',
  `CREATE TYPE app.mood AS ENUM ('sad')`,
  'CREATE DOMAIN app.age AS integer',
]

async function check(
  define: (builder: SchemaBuilder) => unknown,
  before: readonly string[] = [],
): Promise<string> {
  return role.plain(await checkSql(engines.all(), define, [...BEFORE, ...before]))
}

const TARGETS: readonly [PrivilegesInput, PrivilegeTargetInput][] = [
  [['select', 'insert', 'truncate', 'references', 'trigger', 'maintain'], { table: 'app.users' }],
  [['select', 'update'], { table: 'app.users', columns: ['id', 'name'] }],
  ['usage', { sequence: 'app.counter' }],
  ['execute', { function: 'app.f', args: ['integer'] }],
  ['execute', { function: 'app.g' }],
  ['execute', { procedure: 'app.p', args: [] }],
  ['usage', { type: 'app.mood' }],
  ['usage', { domain: 'app.age' }],
  [['usage', 'create'], { schema: 'app' }],
  ['usage', { language: 'plpgsql' }],
  ['all', { allTablesInSchema: 'app' }],
  ['all', { allSequencesInSchema: 'app' }],
  ['execute', { allFunctionsInSchema: 'app' }],
  ['execute', { allProceduresInSchema: 'app' }],
  ['execute', { allRoutinesInSchema: 'app' }],
]

describe('grant', () => {
  test('on everything of a schema', async () => {
    const said = await check((builder) => {
      for (const [privileges, on] of TARGETS.slice(0, 10)) {
        builder.grant(privileges, { on, to: role.name })
      }
    })
    expect(said).toMatchInlineSnapshot(`
      "GRANT SELECT, INSERT, TRUNCATE, REFERENCES, TRIGGER, MAINTAIN ON TABLE "app"."users" TO "web";
      GRANT SELECT ("id", "name"), UPDATE ("id", "name") ON TABLE "app"."users" TO "web";
      GRANT USAGE ON SEQUENCE "app"."counter" TO "web";
      GRANT EXECUTE ON FUNCTION "app"."f"(integer) TO "web";
      GRANT EXECUTE ON FUNCTION "app"."g" TO "web";
      GRANT EXECUTE ON PROCEDURE "app"."p"() TO "web";
      GRANT USAGE ON TYPE "app"."mood" TO "web";
      GRANT USAGE ON DOMAIN "app"."age" TO "web";
      GRANT USAGE, CREATE ON SCHEMA "app" TO "web";
      GRANT USAGE ON LANGUAGE "plpgsql" TO "web""
    `)
  })

  test('on all objects of a kind', async () => {
    const said = await check((builder) => {
      for (const [privileges, on] of TARGETS.slice(10)) {
        builder.grant(privileges, { on, to: role.name })
      }
    })
    expect(said).toMatchInlineSnapshot(`
      "GRANT ALL ON ALL TABLES IN SCHEMA "app" TO "web";
      GRANT ALL ON ALL SEQUENCES IN SCHEMA "app" TO "web";
      GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA "app" TO "web";
      GRANT EXECUTE ON ALL PROCEDURES IN SCHEMA "app" TO "web";
      GRANT EXECUTE ON ALL ROUTINES IN SCHEMA "app" TO "web""
    `)
  })

  test('to several, and on what is no part of a schema', async () => {
    // An owner has all privileges: revoking them from it would leave less than before.
    const said = await check((builder) => {
      builder.grant('select', { on: { table: 'app.users' }, to: [role.name, 'PUBLIC'] })
      builder.grant('select', {
        on: { table: 'app.users', columns: ['secret'] },
        to: { name: role.name },
        withGrantOption: true,
      })
      builder.grant('create', { on: { tablespace: 'pg_default' }, to: role.name })
    })
    expect(said).toMatchInlineSnapshot(`
      "GRANT SELECT ON TABLE "app"."users" TO "web", PUBLIC;
      GRANT SELECT ("secret") ON TABLE "app"."users" TO "web" WITH GRANT OPTION;
      GRANT CREATE ON TABLESPACE "pg_default" TO "web""
    `)
  })

  test('on databases and foreign data', () => {
    const builder = new SchemaBuilder()
      .grant(['connect', 'temporary'], { on: { database: 'my db' }, to: 'web' })
      .grant('usage', { on: { foreignDataWrapper: 'postgres_fdw' }, to: 'web' })
      .grant('usage', { on: { foreignServer: 'other' }, to: 'CURRENT_ROLE' })
    expect(builder.toSQL()).toMatchInlineSnapshot(`
      [
        "GRANT CONNECT, TEMPORARY ON DATABASE "my db" TO "web"",
        "GRANT USAGE ON FOREIGN DATA WRAPPER "postgres_fdw" TO "web"",
        "GRANT USAGE ON FOREIGN SERVER "other" TO CURRENT_ROLE",
      ]
    `)
  })
})

describe('revoke', () => {
  test('is undone by grant', async () => {
    const said = await check(
      (builder) => {
        builder.revoke(['select', 'insert'], { on: { table: 'app.users' }, from: role.name })
        builder.revoke('execute', { on: { function: 'app.f', args: ['integer'] }, from: 'PUBLIC' })
        builder.revoke('usage', {
          on: { schema: 'app' },
          from: [role.name],
          was: { privileges: 'usage', withGrantOption: true },
        })
        builder.revoke('all', {
          on: { sequence: 'app.counter' },
          from: role.name,
          was: { privileges: ['usage', 'select'] },
        })
      },
      [
        `GRANT SELECT, INSERT ON app.users TO ${role.name}`,
        `GRANT USAGE ON SCHEMA app TO ${role.name} WITH GRANT OPTION`,
        `GRANT USAGE, SELECT ON SEQUENCE app.counter TO ${role.name}`,
      ],
    )
    expect(said).toMatchInlineSnapshot(`
      "REVOKE SELECT, INSERT ON TABLE "app"."users" FROM "web";
      REVOKE EXECUTE ON FUNCTION "app"."f"(integer) FROM PUBLIC;
      REVOKE USAGE ON SCHEMA "app" FROM "web";
      REVOKE ALL ON SEQUENCE "app"."counter" FROM "web""
    `)
  })

  test('of all, where it is not known what there was, is not', () => {
    const builder = new SchemaBuilder()
      .revoke('all', { on: { schema: 'public' }, from: 'PUBLIC' })
      .revokeDefault('all', { on: 'tables', from: 'PUBLIC' })
    for (const operation of builder.operations) {
      expect(() => invertAll([operation])).toThrow(IrreversibleError)
    }
  })
})

test('the inverse of the inverse is the change itself', () => {
  const on = { table: 'users' }
  const { operations } = new SchemaBuilder()
    .grant('all', { on, to: 'web' })
    .grant('select', { on, to: ['web', 'PUBLIC'], withGrantOption: true })
    .grantDefault('select', { on: 'tables', to: 'web', forRole: 'owner', inSchema: 'app' })
    .grantDefault('all', { on: 'schemas', to: 'web', withGrantOption: true })
  expect(invertAll(invertAll(operations))).toEqual(operations)
})

describe('default privileges', () => {
  test('grantDefault', async () => {
    const said = await check((builder) => {
      builder.grantDefault(['select', 'insert'], { on: 'tables', inSchema: 'app', to: role.name })
      builder.grantDefault('all', {
        on: 'sequences',
        inSchema: ['app', 'public'],
        forRole: 'CURRENT_USER',
        to: [role.name, 'PUBLIC'],
      })
      builder.grantDefault('usage', { on: 'types', forRole: role.name, to: 'CURRENT_ROLE' })
      builder.grantDefault('usage', { on: 'schemas', to: role.name, withGrantOption: true })
      builder.grantDefault('execute', { on: 'routines', inSchema: 'app', to: role.name })
    })
    expect(said).toMatchInlineSnapshot(`
      "ALTER DEFAULT PRIVILEGES IN SCHEMA "app" GRANT SELECT, INSERT ON TABLES TO "web";
      ALTER DEFAULT PRIVILEGES FOR ROLE CURRENT_USER IN SCHEMA "app", "public" GRANT ALL ON SEQUENCES TO "web", PUBLIC;
      ALTER DEFAULT PRIVILEGES FOR ROLE "web" GRANT USAGE ON TYPES TO CURRENT_ROLE;
      ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO "web" WITH GRANT OPTION;
      ALTER DEFAULT PRIVILEGES IN SCHEMA "app" GRANT EXECUTE ON ROUTINES TO "web""
    `)
  })

  test('revokeDefault', async () => {
    const said = await check(
      (builder) => {
        builder.revokeDefault('execute', { on: 'functions', from: 'PUBLIC' })
        builder.revokeDefault('all', {
          on: 'tables',
          inSchema: 'app',
          from: role.name,
          was: { privileges: ['select'], withGrantOption: true },
        })
      },
      [
        `ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO ${role.name} WITH GRANT OPTION`,
      ],
    )
    expect(said).toMatchInlineSnapshot(`
      "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
      ALTER DEFAULT PRIVILEGES IN SCHEMA "app" REVOKE ALL ON TABLES FROM "web""
    `)
  })
})

test('in words', () => {
  const builder = new SchemaBuilder()
  for (const [privileges, on] of TARGETS) builder.grant(privileges, { on, to: 'web' })
  builder
    .revoke('all', { on: { database: 'd' }, from: ['PUBLIC', 'web'] })
    .grantDefault('select', { on: 'tables', to: 'web', forRole: 'owner', inSchema: ['a', 'b'] })
    .revokeDefault('execute', { on: 'functions', from: 'PUBLIC' })
  expect(builder.operations.map(inWords)).toMatchInlineSnapshot(`
    [
      "grant select, insert, truncate, references, trigger, maintain on table "app.users" to "web"",
      "grant select, update on columns (id, name) of table "app.users" to "web"",
      "grant usage on sequence "app.counter" to "web"",
      "grant execute on function "app.f"(integer) to "web"",
      "grant execute on function "app.g" to "web"",
      "grant execute on procedure "app.p"() to "web"",
      "grant usage on type "app.mood" to "web"",
      "grant usage on domain "app.age" to "web"",
      "grant usage, create on schema "app" to "web"",
      "grant usage on language "plpgsql" to "web"",
      "grant all on all tables in schema "app" to "web"",
      "grant all on all sequences in schema "app" to "web"",
      "grant execute on all functions in schema "app" to "web"",
      "grant execute on all procedures in schema "app" to "web"",
      "grant execute on all routines in schema "app" to "web"",
      "revoke all on database "d" from PUBLIC, "web"",
      "grant select on future tables of "owner" in schema "a", "b" to "web"",
      "revoke execute on future functions from PUBLIC",
    ]
  `)
})

describe('bad calls', () => {
  const on = { table: 'users' }

  test.for<[unknown, object, string]>([
    ['read', { on, to: 'web' }, '"read" is not a value of privileges'],
    [[], { on, to: 'web' }, 'a list of privileges is empty'],
    [['all', 'select'], { on, to: 'web' }, "'all' stands alone"],
    ['select', { on, to: [] }, 'a list of roles is empty'],
    ['select', { on: {}, to: 'web' }, 'privileges cannot be on {}'],
    ['select', { on: { view: 'v' }, to: 'web' }, 'privileges cannot be on {"view":"v"}'],
    ['select', { on: { ...on, columns: [] }, to: 'web' }, 'a list of columns is empty'],
    ['select', { on: { ...on, schema: 's' }, to: 'web' }, 'write { table: … }'],
    ['usage', { on: { schema: 's', columns: ['a'] }, to: 'web' }, 'write { schema: … }'],
  ])('grant %j %j', ([privileges, options, message]) => {
    const builder = new SchemaBuilder()
    const call = (): unknown =>
      builder.grant(privileges as 'all', options as { on: typeof on; to: '' })
    expect(failure(call)).toContain(message)
    expect(builder.operations).toEqual([])
  })

  test.for<[Partial<Record<keyof GrantDefaultOptions, unknown>>, string]>([
    [{ on: 'views' }, '"views" is not a value of on'],
    [{ on: 'schemas', inSchema: 'app' }, 'schemas are not created in schemas'],
    [{ inSchema: [] }, 'the list of schemas is empty'],
    [{ inSchema: '' }, 'non-empty'],
    [{ forRole: '' }, 'non-empty'],
  ])('grantDefault %j', ([options, message]) => {
    const builder = new SchemaBuilder()
    const all = { on: 'tables', to: 'web', ...options } as GrantDefaultOptions
    expect(failure(() => builder.grantDefault('select', all))).toContain(message)
    expect(builder.operations).toEqual([])
  })

  test('what there was', () => {
    const builder = new SchemaBuilder()
    expect(
      failure(() => builder.revoke('all', { on, from: 'web', was: { privileges: [] } })),
    ).toContain('a list of privileges is empty')
    expect(builder.operations).toEqual([])
  })
})

import { describe, expect, test } from 'vitest'

import type { FunctionInput } from '../../src/builder/routines.ts'
import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { sql } from '../../src/builder/sql-fragment.ts'
import { IrreversibleError } from '../../src/errors.ts'
import { describe as inWords } from '../../src/operations/describe.ts'
import { invertAll } from '../../src/operations/invert.ts'
import { compile } from '../../src/sql/compile.ts'
import { checkSql, useEngines } from '../helpers/check-sql.ts'

const engines = useEngines()

const BEFORE = ['CREATE SCHEMA app', 'CREATE TABLE app.users (id integer, name text)']

function check(
  define: (builder: SchemaBuilder) => unknown,
  before: readonly string[] = [],
): Promise<string> {
  return checkSql(engines.all(), define, [...BEFORE, ...before])
}

describe('createFunction', () => {
  test('in PL/pgSQL', async () => {
    const said = await check((builder) => {
      builder.createFunction('app.touch', {
        returns: 'trigger',
        body: `
BEGIN
  NEW.name := '$body$ ? $1';
  RETURN NEW;
END
`,
      })
    })
    expect(said).toMatchInlineSnapshot(`
      "CREATE FUNCTION "app"."touch"()
      RETURNS trigger
      LANGUAGE "plpgsql"
      AS $body2$
      BEGIN
        NEW.name := '$body$ ? $1';
        RETURN NEW;
      END
      $body2$"
    `)
  })

  test('with every option', async () => {
    const said = await check((builder) => {
      builder.createFunction('app.find users', {
        args: [
          { name: 'Pattern', type: 'text', default: "o'b%" },
          { name: 'after', type: 'timestamptz', default: sql`now() - interval '1 day'` },
          { type: 'integer[]', default: [1, 2] },
        ],
        returns: 'SETOF app.users',
        language: 'SQL',
        body: 'SELECT * FROM app.users WHERE name LIKE $1',
        volatility: 'stable',
        strict: true,
        security: 'definer',
        leakproof: true,
        parallel: 'safe',
        cost: 12.5,
        rows: 20,
        set: {
          search_path: ['app', 'pg_temp'],
          'app.user': '',
          work_mem: '8MB',
          enable_seqscan: false,
          statement_timeout: 100,
        },
      })
    })
    expect(said).toMatchInlineSnapshot(`
      "CREATE FUNCTION "app"."find users"("Pattern" text DEFAULT 'o''b%', "after" timestamptz DEFAULT now() - interval '1 day', integer[] DEFAULT '{"1","2"}')
      RETURNS SETOF app.users
      STABLE
      STRICT
      LEAKPROOF
      PARALLEL SAFE
      COST 12.5
      ROWS 20
      LANGUAGE "sql"
      SECURITY DEFINER
      SET "search_path" = 'app', 'pg_temp'
      SET "app"."user" = ''
      SET "work_mem" = '8MB'
      SET "enable_seqscan" = FALSE
      SET "statement_timeout" = 100
      AS $body$SELECT * FROM app.users WHERE name LIKE $1$body$"
    `)
  })

  test('results of several columns', async () => {
    const said = await check((builder) => {
      builder.createFunction('pairs', {
        args: ['integer'],
        returnsTable: [
          { name: 'one', type: 'integer' },
          { name: 'the other', type: 'numeric(5, 2)' },
        ],
        language: 'sql',
        body: 'SELECT $1, 2.0',
      })
      builder.createFunction('both', {
        args: [
          { name: 'a', type: 'integer', mode: 'in' },
          { name: 'b', type: 'integer', mode: 'inout' },
          { name: 'c', type: 'text', mode: 'out' },
        ],
        body: `BEGIN c := 'x'; END`,
      })
      builder.createFunction('longest', {
        args: [{ type: 'text[]', mode: 'variadic' }],
        returns: 'text',
        language: 'sql',
        body: 'SELECT max(t) FROM unnest($1) AS t',
      })
    })
    expect(said).toMatchInlineSnapshot(`
      "CREATE FUNCTION "pairs"(integer)
      RETURNS TABLE ("one" integer, "the other" numeric(5, 2))
      LANGUAGE "sql"
      AS $body$SELECT $1, 2.0$body$;
      CREATE FUNCTION "both"(IN "a" integer, INOUT "b" integer, OUT "c" text)
      LANGUAGE "plpgsql"
      AS $body$BEGIN c := 'x'; END$body$;
      CREATE FUNCTION "longest"(VARIADIC text[])
      RETURNS text
      LANGUAGE "sql"
      AS $body$SELECT max(t) FROM unnest($1) AS t$body$"
    `)
  })

  test("bodies of SQL's own", async () => {
    const said = await check((builder) => {
      builder.createFunction('twice', {
        args: [{ name: 'n', type: 'integer' }],
        returns: 'integer',
        language: 'sql',
        sqlBody: true,
        body: 'RETURN n * 2;',
      })
      builder.createFunction('forget', {
        returns: 'void',
        language: 'sql',
        sqlBody: true,
        body: `
          BEGIN ATOMIC
            DELETE FROM app.users WHERE id = CASE WHEN name = ';' THEN 1 ELSE 2 END;
            DELETE FROM app.users;
          END;
        `,
      })
      builder.renameTable('app.users', 'people')
    })
    expect(said).toMatchInlineSnapshot(`
      "CREATE FUNCTION "twice"("n" integer)
      RETURNS integer
      LANGUAGE "sql"
      RETURN n * 2;
      CREATE FUNCTION "forget"()
      RETURNS void
      LANGUAGE "sql"
      BEGIN ATOMIC
                  DELETE FROM app.users WHERE id = CASE WHEN name = ';' THEN 1 ELSE 2 END;
                  DELETE FROM app.users;
                END;
      ALTER TABLE "app"."users" RENAME TO "people""
    `)
  })
})

describe('createFunction with replace', () => {
  const OLD = 'CREATE FUNCTION f(n integer) RETURNS integer LANGUAGE sql AS $$SELECT 1$$'
  const was: FunctionInput = {
    args: [{ name: 'n', type: 'integer' }],
    returns: 'integer',
    language: 'sql',
    body: 'SELECT 1',
  }

  test('in place, and back', async () => {
    const said = await check(
      (builder) => {
        builder.createFunction('f', { ...was, body: 'SELECT 2', replace: true, was })
      },
      [OLD, 'CREATE VIEW uses_it AS SELECT f(1)'],
    )
    expect(said).toMatchInlineSnapshot(`
      "CREATE OR REPLACE FUNCTION "f"("n" integer)
      RETURNS integer
      LANGUAGE "sql"
      AS $body$SELECT 2$body$"
    `)
  })

  test('with a default, which cannot be taken back in place', async () => {
    const define = (builder: SchemaBuilder): SchemaBuilder =>
      builder.createFunction('f', {
        ...was,
        args: [{ name: 'n', type: 'integer', default: 1 }],
        replace: true,
        was,
      })
    await check(define, [OLD])
    const inverse = invertAll(define(new SchemaBuilder()).operations)
    expect(inverse.map(compile).join(';\n')).toMatchInlineSnapshot(`
      "DO $do$
      BEGIN
        EXECUTE $sql$CREATE OR REPLACE FUNCTION "f"("n" integer)
      RETURNS integer
      LANGUAGE "sql"
      AS $body$SELECT 1$body$$sql$;
      EXCEPTION WHEN invalid_function_definition THEN
        DROP FUNCTION "f"(integer);
        EXECUTE $sql$CREATE FUNCTION "f"("n" integer)
      RETURNS integer
      LANGUAGE "sql"
      AS $body$SELECT 1$body$$sql$;
      END
      $do$"
    `)
  })

  test('or recreate', async () => {
    const said = await check(
      (builder) => {
        builder.createFunction('f', {
          ...was,
          returns: 'text',
          body: `SELECT '$do$ $sql$'`,
          replace: 'recreate',
          was,
        })
      },
      [OLD],
    )
    expect(said).toMatchInlineSnapshot(`
      "DO $do2$
      BEGIN
        EXECUTE $sql2$CREATE OR REPLACE FUNCTION "f"("n" integer)
      RETURNS text
      LANGUAGE "sql"
      AS $body$SELECT '$do$ $sql$'$body$$sql2$;
      EXCEPTION WHEN invalid_function_definition THEN
        DROP FUNCTION "f"(integer);
        EXECUTE $sql2$CREATE FUNCTION "f"("n" integer)
      RETURNS text
      LANGUAGE "sql"
      AS $body$SELECT '$do$ $sql$'$body$$sql2$;
      END
      $do2$"
    `)
  })

  test('without the old function there is no way back', () => {
    const builder = new SchemaBuilder().createFunction('f', { ...was, replace: true })
    expect(() => invertAll(builder.operations)).toThrow(IrreversibleError)
  })
})

test('renameFunction', async () => {
  const said = await check(
    (builder) => {
      builder.renameFunction('app.f', ['integer', 'text[]'], 'g')
      builder.renameFunction('app.f', [], 'app.h')
    },
    [
      'CREATE FUNCTION app.f() RETURNS integer LANGUAGE sql AS $$SELECT 1$$',
      'CREATE FUNCTION app.f(integer, text[]) RETURNS integer LANGUAGE sql AS $$SELECT 1$$',
    ],
  )
  expect(said).toMatchInlineSnapshot(`
    "ALTER FUNCTION "app"."f"(integer, text[]) RENAME TO "g";
    ALTER FUNCTION "app"."f"() RENAME TO "h""
  `)
})

test('dropFunction', async () => {
  const said = await check(
    (builder) => {
      builder.dropFunction('app.f', ['integer'], {
        was: {
          args: ['integer', { name: 'result', type: 'text', mode: 'out' }],
          language: 'sql',
          body: `SELECT 'x'`,
          volatility: 'immutable',
        },
      })
    },
    [`CREATE FUNCTION app.f(integer, OUT result text) IMMUTABLE LANGUAGE sql AS $$SELECT 'x'$$`],
  )
  expect(said).toMatchInlineSnapshot(`"DROP FUNCTION "app"."f"(integer)"`)
})

test('in words', () => {
  const builder = new SchemaBuilder()
    .createFunction('a.f', {
      args: ['integer', { type: 'text', mode: 'out' }],
      body: 'BEGIN END',
      replace: true,
    })
    .renameFunction('f', ['text', 'integer'], 'g')
    .dropFunction('g', [])
    .createProcedure('p', { body: 'BEGIN END' })
    .renameProcedure('p', [], 'q')
    .dropProcedure('a.q', ['integer'])
  expect(builder.operations.map(inWords)).toMatchInlineSnapshot(`
    [
      "create or replace function "a.f"(integer)",
      "rename function "f"(text, integer) to "g"",
      "drop function "g"()",
      "create procedure "p"()",
      "rename procedure "p"() to "q"",
      "drop procedure "a.q"(integer)",
    ]
  `)
})

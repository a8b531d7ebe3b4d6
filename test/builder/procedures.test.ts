import { expect, test } from 'vitest'

import type { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { checkSql, useEngines } from '../helpers/check-sql.ts'

const engines = useEngines()

const BEFORE = ['CREATE SCHEMA app', 'CREATE TABLE app.users (id integer, name text)']
const check = (
  define: (builder: SchemaBuilder) => unknown,
  before: readonly string[] = [],
): Promise<string> => checkSql(engines.all(), define, [...BEFORE, ...before])

test('createProcedure', async () => {
  const said = await check((builder) => {
    builder.createProcedure('app.clean', {
      args: [
        { name: 'before', type: 'date', default: '2020-01-01' },
        { name: 'state', type: 'integer', mode: 'inout', default: 0 },
      ],
      body: 'BEGIN state := 1; COMMIT; END',
    })
    builder.createProcedure('count_them', {
      args: [
        { name: 'name', type: 'text' },
        { name: 'total', type: 'bigint', mode: 'out' },
      ],
      language: 'sql',
      sqlBody: true,
      security: 'definer',
      set: { search_path: '' },
      body: 'BEGIN ATOMIC SELECT count(*) FROM app.users; END',
    })
  })
  expect(said).toMatchInlineSnapshot(`
    "CREATE PROCEDURE "app"."clean"("before" date DEFAULT '2020-01-01', INOUT "state" integer DEFAULT 0)
    LANGUAGE "plpgsql"
    AS $body$BEGIN state := 1; COMMIT; END$body$;
    CREATE PROCEDURE "count_them"("name" text, OUT "total" bigint)
    LANGUAGE "sql"
    SECURITY DEFINER
    SET "search_path" = ''
    BEGIN ATOMIC SELECT count(*) FROM app.users; END"
  `)
})

test('replace, rename, drop', async () => {
  const said = await check(
    (builder) => {
      builder.createProcedure('app.p', {
        args: ['integer'],
        body: 'BEGIN NULL; END',
        replace: true,
        was: { args: ['integer'], language: 'sql', body: 'SELECT 1' },
      })
      builder.createProcedure('app.p', {
        args: [{ name: 'n', type: 'integer' }],
        body: 'BEGIN NULL; END',
        replace: 'recreate',
        was: { args: ['integer'], body: 'BEGIN NULL; END' },
      })
      builder.renameProcedure('app.p', ['integer'], 'q')
      builder.dropProcedure('app.q', ['integer'], {
        was: { args: [{ name: 'n', type: 'integer' }], body: 'BEGIN NULL; END' },
      })
    },
    ['CREATE PROCEDURE app.p(integer) LANGUAGE sql AS $$SELECT 1$$'],
  )
  expect(said).toMatchInlineSnapshot(`
    "CREATE OR REPLACE PROCEDURE "app"."p"(integer)
    LANGUAGE "plpgsql"
    AS $body$BEGIN NULL; END$body$;
    DO $do$
    BEGIN
      EXECUTE $sql$CREATE OR REPLACE PROCEDURE "app"."p"("n" integer)
    LANGUAGE "plpgsql"
    AS $body$BEGIN NULL; END$body$$sql$;
    EXCEPTION WHEN invalid_function_definition THEN
      DROP PROCEDURE "app"."p"(integer);
      EXECUTE $sql$CREATE PROCEDURE "app"."p"("n" integer)
    LANGUAGE "plpgsql"
    AS $body$BEGIN NULL; END$body$$sql$;
    END
    $do$;
    ALTER PROCEDURE "app"."p"(integer) RENAME TO "q";
    DROP PROCEDURE "app"."q"(integer)"
  `)
})

import { describe, expect, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { rawSql, sql } from '../../src/builder/sql-fragment.ts'
import { checkSql, useEngines } from '../helpers/check-sql.ts'

const engines = useEngines()

const said = (
  define: (builder: SchemaBuilder) => unknown,
  before: readonly string[] = [],
): Promise<string> => checkSql(engines.all(), define, before)

const APP = 'CREATE SCHEMA app'

describe('enums', () => {
  test('createType, renameType, dropType', async () => {
    expect(
      await said(
        (builder) =>
          builder
            .createType('mood', ['sad', `it's "ok"`, 'a\\b', ''])
            .createType('app.mood', ['sad'])
            .createType({ schema: 'app', name: 'a.b' }, ['x'])
            .renameType('app.mood', 'app.feeling')
            .renameType('app.feeling', 'Mood')
            .dropType('app.Mood', { was: { values: ['sad'] } }),
        [APP],
      ),
    ).toMatchInlineSnapshot(`
      "CREATE TYPE "mood" AS ENUM ('sad', 'it''s "ok"', E'a\\\\b', '');
      CREATE TYPE "app"."mood" AS ENUM ('sad');
      CREATE TYPE "app"."a.b" AS ENUM ('x');
      ALTER TYPE "app"."mood" RENAME TO "feeling";
      ALTER TYPE "app"."feeling" RENAME TO "Mood";
      DROP TYPE "app"."Mood""
    `)
  })

  test('addTypeValue', async () => {
    expect(
      await said(
        (builder) =>
          builder
            .addTypeValue('app.mood', 'last', { was: ['sad', 'ok'] })
            .addTypeValue('app.mood', 'first', { before: 'sad', was: ['sad', 'ok', 'last'] })
            .addTypeValue('app.mood', `it's`, {
              after: 'sad',
              was: ['first', 'sad', 'ok', 'last'],
            }),
        [
          APP,
          `CREATE TYPE app.mood AS ENUM ('sad', 'ok')`,
          `CREATE TABLE users (mood app.mood DEFAULT 'sad')`,
        ],
      ).then((text) => text.split(';\n')),
    ).toMatchInlineSnapshot(`
      [
        "ALTER TYPE "app"."mood" ADD VALUE 'last'",
        "ALTER TYPE "app"."mood" ADD VALUE 'first' BEFORE 'sad'",
        "ALTER TYPE "app"."mood" ADD VALUE 'it''s' AFTER 'sad'",
      ]
    `)
  })

  test('addTypeValue without the values before it has no way back', async () => {
    expect(
      await said(
        (builder) => builder.addTypeValue('mood', 'last'),
        [`CREATE TYPE mood AS ENUM ('sad')`],
      ),
    ).toMatchInlineSnapshot(`"ALTER TYPE "mood" ADD VALUE 'last'"`)
  })

  test('renameTypeValue', async () => {
    expect(
      await said(
        (builder) => builder.renameTypeValue('app.mood', `it's`, 'a\\b'),
        [APP, `CREATE TYPE app.mood AS ENUM ('it''s')`],
      ),
    ).toMatchInlineSnapshot(`"ALTER TYPE "app"."mood" RENAME VALUE 'it''s' TO E'a\\\\b'"`)
  })

  test('dropType without its values, dropTypeIfExists', async () => {
    expect(
      await said(
        (builder) =>
          builder.dropType('app.mood').dropTypeIfExists('app.mood').dropTypeIfExists('feeling'),
        [APP, `CREATE TYPE app.mood AS ENUM ('sad')`, `CREATE TYPE feeling AS ENUM ('sad')`],
      ),
    ).toMatchInlineSnapshot(`
      "DROP TYPE "app"."mood";
      DROP TYPE IF EXISTS "app"."mood";
      DROP TYPE IF EXISTS "feeling""
    `)
  })
})

describe('composite types', () => {
  test('createCompositeType, renameType, dropType', async () => {
    expect(
      await said(
        (builder) =>
          builder
            .createCompositeType('app.address', {
              street: 'text',
              'zip code': { type: 'varchar(10)', collate: 'C' },
              tags: 'text[]',
            })
            .createCompositeType('empty', {})
            .renameType('app.address', 'place')
            .dropType('app.place', {
              was: {
                attributes: {
                  street: 'text',
                  'zip code': { type: 'varchar(10)', collate: { name: 'C' } },
                  tags: 'text[]',
                },
              },
            }),
        [APP],
      ),
    ).toMatchInlineSnapshot(`
      "CREATE TYPE "app"."address" AS ("street" text, "zip code" varchar(10) COLLATE "C", "tags" text[]);
      CREATE TYPE "empty" AS ();
      ALTER TYPE "app"."address" RENAME TO "place";
      DROP TYPE "app"."place""
    `)
  })

  test('attributes', async () => {
    expect(
      await said(
        (builder) =>
          builder
            .addTypeAttribute('app.address', 'country', { type: 'text', collate: 'C' })
            .renameTypeAttribute('app.address', 'country', 'land')
            .alterTypeAttribute('app.address', 'zip', 'text', { was: 'varchar(10)' })
            .dropTypeAttribute('app.address', 'street', { was: { type: 'text', collate: 'C' } }),
        [APP, 'CREATE TYPE app.address AS (street text COLLATE "C", zip varchar(10))'],
      ),
    ).toMatchInlineSnapshot(`
      "ALTER TYPE "app"."address" ADD ATTRIBUTE "country" text COLLATE "C";
      ALTER TYPE "app"."address" RENAME ATTRIBUTE "country" TO "land";
      ALTER TYPE "app"."address" ALTER ATTRIBUTE "zip" SET DATA TYPE text;
      ALTER TYPE "app"."address" DROP ATTRIBUTE "street""
    `)
  })

  test('attributes of typed tables', async () => {
    const options = { cascade: true }
    expect(
      await said(
        (builder) =>
          builder
            .addTypeAttribute('address', 'country', 'text', options)
            .renameTypeAttribute('address', 'country', 'land', options)
            .alterTypeAttribute('address', 'zip', 'text', { ...options, was: 'varchar(10)' })
            .dropTypeAttribute('address', 'street', { ...options, was: 'text' }),
        ['CREATE TYPE address AS (street text, zip varchar(10))', 'CREATE TABLE t OF address'],
      ),
    ).toMatchInlineSnapshot(`
      "ALTER TYPE "address" ADD ATTRIBUTE "country" text CASCADE;
      ALTER TYPE "address" RENAME ATTRIBUTE "country" TO "land" CASCADE;
      ALTER TYPE "address" ALTER ATTRIBUTE "zip" SET DATA TYPE text CASCADE;
      ALTER TYPE "address" DROP ATTRIBUTE "street" CASCADE"
    `)
  })
})

describe('ranges', () => {
  test('createRange, renameType, dropType', async () => {
    expect(
      await said(
        (builder) =>
          builder
            .createRange('app.float_range', {
              subtype: 'float8',
              subtypeDiff: 'pg_catalog.float8mi',
              multirangeName: 'many_floats',
            })
            .createRange('words', {
              subtype: 'text',
              subtypeOpclass: { schema: 'pg_catalog', name: 'text_pattern_ops' },
              collation: 'C',
              multirangeName: 'app.sentences',
            })
            .renameType('words', 'terms')
            .dropType('app.float_range', {
              was: { subtype: 'float8', subtypeDiff: 'float8mi', multirangeName: 'many_floats' },
            }),
        [APP],
      ),
    ).toMatchInlineSnapshot(`
      "CREATE TYPE "app"."float_range" AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = "pg_catalog"."float8mi", MULTIRANGE_TYPE_NAME = "app"."many_floats");
      CREATE TYPE "words" AS RANGE (SUBTYPE = text, SUBTYPE_OPCLASS = "pg_catalog"."text_pattern_ops", COLLATION = "C", MULTIRANGE_TYPE_NAME = "app"."sentences");
      ALTER TYPE "words" RENAME TO "terms";
      DROP TYPE "app"."float_range""
    `)
  })

  test('canonical names a function of the range', () => {
    const builder = new SchemaBuilder()
    builder.createRange('r', { subtype: 'int', canonical: 'app.tidy' })
    expect(builder.toSQL()).toEqual([
      'CREATE TYPE "r" AS RANGE (SUBTYPE = int, CANONICAL = "app"."tidy")',
    ])
  })
})

describe('domains', () => {
  test('createDomain, renameDomain, dropDomain', async () => {
    expect(
      await said(
        (builder) =>
          builder
            .createDomain('app.email', 'text', { check: `VALUE LIKE '%@%'`, collate: 'C' })
            .createDomain('percent', 'numeric(5, 2)', {
              nullable: false,
              default: 50,
              check: { at_least: 'VALUE >= 0', at_most: sql`VALUE <= ${100}` },
            })
            .createDomain('day', 'date', { default: 'now()' })
            .createDomain('token', 'uuid', { default: rawSql('gen_random_uuid()') })
            .createDomain('later', 'timestamptz', { default: sql`now() + interval '1 day'` })
            .createDomain('tags', 'text[]', { default: ['a b', `it's`] })
            .createDomain('plain', 'integer')
            .renameDomain('app.email', 'app.address')
            .dropDomain('app.address', {
              was: { type: 'text', check: { email_check: `VALUE LIKE '%@%'` }, collate: 'C' },
            }),
        [APP],
      ),
    ).toMatchInlineSnapshot(`
      "CREATE DOMAIN "app"."email" AS text COLLATE "C" CONSTRAINT "email_check" CHECK (VALUE LIKE '%@%');
      CREATE DOMAIN "percent" AS numeric(5, 2) DEFAULT 50 NOT NULL CONSTRAINT "at_least" CHECK (VALUE >= 0) CONSTRAINT "at_most" CHECK (VALUE <= 100);
      CREATE DOMAIN "day" AS date DEFAULT now();
      CREATE DOMAIN "token" AS uuid DEFAULT gen_random_uuid();
      CREATE DOMAIN "later" AS timestamptz DEFAULT (now() + interval '1 day');
      CREATE DOMAIN "tags" AS text[] DEFAULT '{"a b","it''s"}';
      CREATE DOMAIN "plain" AS integer;
      ALTER DOMAIN "app"."email" RENAME TO "address";
      DROP DOMAIN "app"."address""
    `)
  })

  test('checks', async () => {
    expect(
      await said(
        (builder) =>
          builder
            .addDomainCheck('app.age', 'adult', 'VALUE >= 18', { notValid: true })
            .validateDomainCheck('app.age', 'adult')
            .renameDomainCheck('app.age', 'adult', 'grown up')
            .addDomainCheck('app.age', 'alive', sql`VALUE < ${130}`)
            .dropDomainCheck('app.age', 'born', { was: 'VALUE >= 0' }),
        [
          APP,
          'CREATE DOMAIN app.age AS int CONSTRAINT born CHECK (VALUE >= 0)',
          'CREATE TABLE users (age app.age)',
        ],
      ),
    ).toMatchInlineSnapshot(`
      "ALTER DOMAIN "app"."age" ADD CONSTRAINT "adult" CHECK (VALUE >= 18) NOT VALID;
      ALTER DOMAIN "app"."age" VALIDATE CONSTRAINT "adult";
      ALTER DOMAIN "app"."age" RENAME CONSTRAINT "adult" TO "grown up";
      ALTER DOMAIN "app"."age" ADD CONSTRAINT "alive" CHECK (VALUE < 130);
      ALTER DOMAIN "app"."age" DROP CONSTRAINT "born""
    `)
  })

  test('default and NOT NULL', async () => {
    expect(
      await said(
        (builder) =>
          builder
            .setDomainDefault('app.age', 1, { was: { noDefault: true } })
            .setDomainDefault('app.age', sql`1 + 1`, { was: { defaultValue: 1 } })
            .dropDomainDefault('app.age', { was: { defaultValue: sql`1 + 1` } })
            .dropDomainDefault('app.age', { was: { noDefault: true } })
            .setDomainNotNull('app.age')
            .setDomainNullable('app.age'),
        [APP, 'CREATE DOMAIN app.age AS int'],
      ),
    ).toMatchInlineSnapshot(`
      "ALTER DOMAIN "app"."age" SET DEFAULT 1;
      ALTER DOMAIN "app"."age" SET DEFAULT (1 + 1);
      ALTER DOMAIN "app"."age" DROP DEFAULT;
      ALTER DOMAIN "app"."age" DROP DEFAULT;
      ALTER DOMAIN "app"."age" SET NOT NULL;
      ALTER DOMAIN "app"."age" DROP NOT NULL"
    `)
    expect(
      await said(
        (builder) =>
          builder.setDomainDefault('at', 'now()', { was: { defaultValue: '2020-01-01 00:00:00' } }),
        [`CREATE DOMAIN at AS timestamp DEFAULT '2020-01-01 00:00:00'`],
      ),
    ).toMatchInlineSnapshot(`"ALTER DOMAIN "at" SET DEFAULT now()"`)
  })

  test('without what was there before there is no way back', async () => {
    expect(
      await said(
        (builder) =>
          builder
            .setDomainDefault('age', 1)
            .dropDomainDefault('age')
            .dropDomainCheck('age', 'born')
            .dropDomain('age'),
        ['CREATE DOMAIN age AS int CONSTRAINT born CHECK (VALUE >= 0)'],
      ),
    ).toMatchInlineSnapshot(`
      "ALTER DOMAIN "age" SET DEFAULT 1;
      ALTER DOMAIN "age" DROP DEFAULT;
      ALTER DOMAIN "age" DROP CONSTRAINT "born";
      DROP DOMAIN "age""
    `)
  })
})

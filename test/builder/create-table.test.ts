import { describe, expect, test } from 'vitest'

import { rawSql, sql } from '../../src/builder/sql-fragment.ts'
import type { TableBuilder } from '../../src/builder/table-builder.ts'
import { checkSql, useEngines } from '../helpers/check-sql.ts'

const engines = useEngines()

function create(
  define: (table: TableBuilder) => void,
  before: readonly string[] = [],
): Promise<string> {
  return checkSql(engines.all(), (builder) => builder.createTable('users', define), before)
}

describe('columns', () => {
  test('every type of the original', async () => {
    const said = await create((table) => {
      table.string('string')
      table.string('string_20', 20)
      table.number('number')
      table.number('number_10', 10)
      table.number('number_10_2', 10, 2)
      table.boolean('boolean')
      table.date('date')
      table.json('json')
      table.jsonb('jsonb')
      table.timestamp('timestamp')
      table.timestamptz('timestamptz')
      table.specificType('specific', 'int4range')
      table.timestamps()
    })
    expect(said).toMatchInlineSnapshot(`
      "CREATE TABLE "users" (
        "string" varchar NOT NULL,
        "string_20" varchar(20) NOT NULL,
        "number" integer NOT NULL,
        "number_10" decimal(10, 0) NOT NULL,
        "number_10_2" decimal(10, 2) NOT NULL,
        "boolean" boolean NOT NULL,
        "date" date NOT NULL,
        "json" json NOT NULL,
        "jsonb" jsonb NOT NULL,
        "timestamp" timestamp NOT NULL,
        "timestamptz" timestamptz NOT NULL,
        "specific" int4range NOT NULL,
        "created_at" timestamptz DEFAULT now() NOT NULL,
        "updated_at" timestamptz DEFAULT now() NOT NULL
      )"
    `)
  })

  test('the types beyond it', async () => {
    const said = await create((table) => {
      table.id()
      table.text('text')
      table.integer('integer')
      table.bigint('bigint')
      table.smallint('smallint')
      table.decimal('decimal')
      table.decimal('decimal_10', 10)
      table.decimal('decimal_10_2', 10, 2)
      table.real('real')
      table.double('double')
      table.uuid('uuid')
      table.time('time')
      table.bytea('bytea')
      table.inet('inet')
      table.interval('interval')
      table.array('tags', 'text')
      table.array('prices', 'numeric(10, 2)')
    })
    expect(said).toMatchInlineSnapshot(`
      "CREATE TABLE "users" (
        "id" uuid DEFAULT gen_random_uuid() NOT NULL,
        "text" text NOT NULL,
        "integer" integer NOT NULL,
        "bigint" bigint NOT NULL,
        "smallint" smallint NOT NULL,
        "decimal" decimal NOT NULL,
        "decimal_10" decimal(10) NOT NULL,
        "decimal_10_2" decimal(10, 2) NOT NULL,
        "real" real NOT NULL,
        "double" double precision NOT NULL,
        "uuid" uuid NOT NULL,
        "time" time NOT NULL,
        "bytea" bytea NOT NULL,
        "inet" inet NOT NULL,
        "interval" interval NOT NULL,
        "tags" text[] NOT NULL,
        "prices" numeric(10, 2)[] NOT NULL,
        CONSTRAINT "users_pkey" PRIMARY KEY ("id")
      )"
    `)
  })

  test('an enum column brings its type', async () => {
    const said = await create((table) => {
      table.enum('status', ['draft', "it's", 'back\\slash']).defaultTo('draft')
      table.enum('mood', ['sad', 'happy'], { type: 'mood' }).nullable()
    })
    expect(said).toMatchInlineSnapshot(`
      "CREATE TYPE "users_status" AS ENUM ('draft', 'it''s', E'back\\\\slash');
      CREATE TYPE "mood" AS ENUM ('sad', 'happy');
      CREATE TABLE "users" (
        "status" "users_status" DEFAULT 'draft' NOT NULL,
        "mood" "mood"
      )"
    `)
  })

  test('modifiers', async () => {
    const said = await create((table) => {
      table.integer('id').primary()
      table.string('email').unique()
      table.text('bio').nullable()
      table.text('back').nullable().nullable(false)
      table.integer('age').check('age >= 0')
      table.text('name').collate('C')
      table.integer('boss_id').nullable().references('users', 'id').onDelete('SET NULL')
      table.integer('friend_id').references('users', 'id').onUpdate('CASCADE')
    })
    expect(said).toMatchInlineSnapshot(`
      "CREATE TABLE "users" (
        "id" integer NOT NULL,
        "email" varchar NOT NULL,
        "bio" text,
        "back" text NOT NULL,
        "age" integer NOT NULL,
        "name" text COLLATE "C" NOT NULL,
        "boss_id" integer,
        "friend_id" integer NOT NULL,
        CONSTRAINT "users_pkey" PRIMARY KEY ("id"),
        CONSTRAINT "users_email_key" UNIQUE ("email"),
        CONSTRAINT "users_age_check" CHECK (age >= 0),
        CONSTRAINT "users_boss_id_fkey" FOREIGN KEY ("boss_id") REFERENCES "users" ("id") ON DELETE SET NULL,
        CONSTRAINT "users_friend_id_fkey" FOREIGN KEY ("friend_id") REFERENCES "users" ("id") ON UPDATE CASCADE
      )"
    `)
  })
})

describe('defaults', () => {
  test('constants are constants', async () => {
    const said = await create((table) => {
      table.string('quote').defaultTo("it's $1 or ? or $$")
      table.string('backslash').defaultTo('a\\b')
      table.string('not_a_call').defaultTo('now()')
      table.integer('integer').defaultTo(-1)
      table.bigint('bigint').defaultTo(9007199254740993n)
      table.double('nan').defaultTo(NaN)
      table.boolean('boolean').defaultTo(true)
      table.text('nothing').nullable().defaultTo(null)
      table.timestamptz('moment').defaultTo(new Date('2026-01-02T03:04:05.678Z'))
      table.bytea('bytes').defaultTo(new Uint8Array([0, 255]))
      table.date('day').defaultTo('2026-01-02')
    })
    expect(said).toMatchInlineSnapshot(`
      "CREATE TABLE "users" (
        "quote" varchar DEFAULT 'it''s $1 or ? or $$' NOT NULL,
        "backslash" varchar DEFAULT E'a\\\\b' NOT NULL,
        "not_a_call" varchar DEFAULT 'now()' NOT NULL,
        "integer" integer DEFAULT -1 NOT NULL,
        "bigint" bigint DEFAULT '9007199254740993' NOT NULL,
        "nan" double precision DEFAULT 'NaN' NOT NULL,
        "boolean" boolean DEFAULT TRUE NOT NULL,
        "nothing" text DEFAULT NULL,
        "moment" timestamptz DEFAULT '2026-01-02T03:04:05.678Z' NOT NULL,
        "bytes" bytea DEFAULT E'\\\\x00ff' NOT NULL,
        "day" date DEFAULT '2026-01-02' NOT NULL
      )"
    `)
  })

  test('JSON and arrays take the form of the column', async () => {
    const said = await create((table) => {
      table.jsonb('object').defaultTo({ sql: "it's", list: [1, null] })
      table.jsonb('list').defaultTo([])
      table.jsonb('text').defaultTo('{}')
      table.jsonb('number').defaultTo(5)
      table.json('yes').defaultTo(true)
      table.array('tags', 'text').defaultTo(['a', 'b "c" \\', null, 'NULL', ''])
      table.array('none', 'varchar(3)').defaultTo([])
      table.array('grid', 'integer').defaultTo([
        [1, 2],
        [3, 4],
      ])
    })
    expect(said).toMatchInlineSnapshot(`
      "CREATE TABLE "users" (
        "object" jsonb DEFAULT '{"sql":"it''s","list":[1,null]}' NOT NULL,
        "list" jsonb DEFAULT '[]' NOT NULL,
        "text" jsonb DEFAULT '{}' NOT NULL,
        "number" jsonb DEFAULT '5' NOT NULL,
        "yes" json DEFAULT 'true' NOT NULL,
        "tags" text[] DEFAULT E'{"a","b \\\\"c\\\\" \\\\\\\\",NULL,"NULL",""}' NOT NULL,
        "none" varchar(3)[] DEFAULT '{}' NOT NULL,
        "grid" integer[] DEFAULT '{{"1","2"},{"3","4"}}' NOT NULL
      )"
    `)
  })

  test('now() on date and time columns is the function', async () => {
    const said = await create((table) => {
      table.timestamptz('a').defaultTo('now()')
      table.timestamp('b').defaultTo('NOW()')
      table.date('c').defaultTo('now()')
    })
    expect(said).toMatchInlineSnapshot(`
      "CREATE TABLE "users" (
        "a" timestamptz DEFAULT now() NOT NULL,
        "b" timestamp DEFAULT now() NOT NULL,
        "c" date DEFAULT now() NOT NULL
      )"
    `)
  })

  test('expressions', async () => {
    const said = await create((table) => {
      table.uuid('token').defaultTo(sql`gen_random_uuid()`)
      table.text('shout').defaultTo(sql`upper(${"it's"}) || ${1}::text`)
      table.boolean('both').defaultTo(rawSql('true AND false'))
      table.timestamptz('tomorrow').defaultTo(rawSql("now() + interval '1 day'"))
    })
    expect(said).toMatchInlineSnapshot(`
      "CREATE TABLE "users" (
        "token" uuid DEFAULT gen_random_uuid() NOT NULL,
        "shout" text DEFAULT (upper('it''s') || 1::text) NOT NULL,
        "both" boolean DEFAULT (true AND false) NOT NULL,
        "tomorrow" timestamptz DEFAULT (now() + interval '1 day') NOT NULL
      )"
    `)
  })
})

describe('constraints and indexes', () => {
  test('of several columns', async () => {
    const said = await create((table) => {
      table.integer('tenant_id')
      table.integer('id')
      table.integer('low')
      table.integer('high')
      table.integer('parent_id').nullable()
      table.primary(['tenant_id', 'id'])
      table.unique(['tenant_id', 'low'])
      table.unique(['high', 'low'], { name: 'pairs', nullsNotDistinct: true })
      table.check('low_is_low', 'low < high')
      table
        .foreign(['tenant_id', 'parent_id'])
        .references('users', ['tenant_id', 'id'])
        .onDelete('RESTRICT')
      table.index(['low', 'high'])
      table.index('low', { unique: true, indexType: 'btree' })
      table.index('high', { name: 'by_height', indexType: 'brin' })
    })
    expect(said).toMatchInlineSnapshot(`
      "CREATE TABLE "users" (
        "tenant_id" integer NOT NULL,
        "id" integer NOT NULL,
        "low" integer NOT NULL,
        "high" integer NOT NULL,
        "parent_id" integer,
        CONSTRAINT "users_pkey" PRIMARY KEY ("tenant_id", "id"),
        CONSTRAINT "users_tenant_id_low_key" UNIQUE ("tenant_id", "low"),
        CONSTRAINT "pairs" UNIQUE NULLS NOT DISTINCT ("high", "low"),
        CONSTRAINT "low_is_low" CHECK (low < high),
        CONSTRAINT "users_tenant_id_parent_id_fkey" FOREIGN KEY ("tenant_id", "parent_id") REFERENCES "users" ("tenant_id", "id") ON DELETE RESTRICT
      );
      CREATE INDEX "idx_users_low_high" ON "users" ("low", "high");
      CREATE UNIQUE INDEX "idx_users_low" ON "users" USING btree ("low");
      CREATE INDEX "by_height" ON "users" USING brin ("high")"
    `)
  })

  test('raw statements follow the table, in call order with indexes', async () => {
    const said = await create((table) => {
      table.raw(`COMMENT ON TABLE users IS 'what? $1 $$'`)
      table.integer('id')
      table.index('id')
      table.raw(`INSERT INTO users VALUES (1)`)
    })
    expect(said).toMatchInlineSnapshot(`
      "CREATE TABLE "users" (
        "id" integer NOT NULL
      );
      COMMENT ON TABLE users IS 'what? $1 $$';
      CREATE INDEX "idx_users_id" ON "users" ("id");
      INSERT INTO users VALUES (1)"
    `)
  })

  test('calls that change what the callback has described', async () => {
    const said = await create((table) => {
      table.string('a')
      table.integer('b')
      table.index('b')
      table.dropIndex('b')
      table.renameColumn('a', 'c')
      table.integer('a')
      table.alterColumn('c', { type: 'text', nullable: true, defaultValue: 'x', unique: true })
      table.alterColumn('b', {
        primary: true,
        check: 'b > 0',
        references: { table: 'users', column: 'b' },
      })
    })
    expect(said).toMatchInlineSnapshot(`
      "CREATE TABLE "users" (
        "c" text DEFAULT 'x',
        "b" integer NOT NULL,
        "a" integer NOT NULL,
        CONSTRAINT "users_c_key" UNIQUE ("c"),
        CONSTRAINT "users_pkey" PRIMARY KEY ("b"),
        CONSTRAINT "users_b_check" CHECK (b > 0),
        CONSTRAINT "users_b_fkey" FOREIGN KEY ("b") REFERENCES "users" ("b")
      )"
    `)
  })

  test('collate and check given to alterColumn are kept', async () => {
    const said = await create((table) => {
      table.text('a')
      table.alterColumn('a', { collate: 'C', check: sql`a <> ${''}` })
    })
    expect(said).toMatchInlineSnapshot(`
      "CREATE TABLE "users" (
        "a" text COLLATE "C" NOT NULL,
        CONSTRAINT "users_a_check" CHECK (a <> '')
      )"
    `)
  })
})

test('a table without columns', async () => {
  expect(await create(() => undefined)).toMatchInlineSnapshot(`"CREATE TABLE "users" ()"`)
})

test('tables in schemas', async () => {
  const said = await checkSql(
    engines.all(),
    (builder) =>
      builder
        .createTable('tenant.users', (table) => {
          table.id()
          table.string('email').unique()
          table.enum('role', ['member', 'admin'])
          table.index('email')
        })
        .createTable({ schema: 'tenant', name: 'dotted.name' }, (table) => {
          table.uuid('user_id').references('tenant.users', 'id')
          table.uuid('other_id').references({ schema: 'tenant', name: 'users' }, 'id')
        }),
    ['CREATE SCHEMA tenant'],
  )
  expect(said).toMatchInlineSnapshot(`
    "CREATE TYPE "tenant"."users_role" AS ENUM ('member', 'admin');
    CREATE TABLE "tenant"."users" (
      "id" uuid DEFAULT gen_random_uuid() NOT NULL,
      "email" varchar NOT NULL,
      "role" "tenant"."users_role" NOT NULL,
      CONSTRAINT "users_pkey" PRIMARY KEY ("id"),
      CONSTRAINT "users_email_key" UNIQUE ("email")
    );
    CREATE INDEX "idx_users_email" ON "tenant"."users" ("email");
    CREATE TABLE "tenant"."dotted.name" (
      "user_id" uuid NOT NULL,
      "other_id" uuid NOT NULL,
      CONSTRAINT "dotted.name_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "tenant"."users" ("id"),
      CONSTRAINT "dotted.name_other_id_fkey" FOREIGN KEY ("other_id") REFERENCES "tenant"."users" ("id")
    )"
  `)
})

test('long names are shortened, the same way each time, and stay apart', async () => {
  const name = 'a_table_name_that_is_exactly_as_long_as_postgresql_will_keep_it'
  expect(name).toHaveLength(63)
  const said = await checkSql(engines.all(), (builder) =>
    builder.createTable(name, (table) => {
      table.integer('ä_first_column_with_a_long_name').unique()
      table.integer('ä_second_column_with_a_long_name').primary()
      table.index('ä_first_column_with_a_long_name')
      table.index('ä_second_column_with_a_long_name')
    }),
  )
  expect(said).toMatchInlineSnapshot(`
    "CREATE TABLE "a_table_name_that_is_exactly_as_long_as_postgresql_will_keep_it" (
      "ä_first_column_with_a_long_name" integer NOT NULL,
      "ä_second_column_with_a_long_name" integer NOT NULL,
      CONSTRAINT "a_table_name_that_is_exactly_as_long_as_postgresql_1b5361ed_key" UNIQUE ("ä_first_column_with_a_long_name"),
      CONSTRAINT "a_table_name_that_is_exactly_as_long_as_postgresq_6e40feac_pkey" PRIMARY KEY ("ä_second_column_with_a_long_name")
    );
    CREATE INDEX "idx_a_table_name_that_is_exactly_as_long_as_postgresql_c72ad1d9" ON "a_table_name_that_is_exactly_as_long_as_postgresql_will_keep_it" ("ä_first_column_with_a_long_name");
    CREATE INDEX "idx_a_table_name_that_is_exactly_as_long_as_postgresql_9c47418d" ON "a_table_name_that_is_exactly_as_long_as_postgresql_will_keep_it" ("ä_second_column_with_a_long_name")"
  `)
})

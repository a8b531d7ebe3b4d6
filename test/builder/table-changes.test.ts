import { describe, expect, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { rawSql, sql } from '../../src/builder/sql-fragment.ts'
import { IrreversibleError } from '../../src/errors.ts'
import { invertAll } from '../../src/operations/invert.ts'
import { checkSql, useEngines } from '../helpers/check-sql.ts'
import { failure } from '../helpers/failure.ts'

const engines = useEngines()

const USERS = [
  `CREATE TABLE users (
    id integer CONSTRAINT users_pkey PRIMARY KEY,
    email text NOT NULL CONSTRAINT users_email_key UNIQUE,
    name text DEFAULT 'nobody',
    age integer CONSTRAINT adult CHECK (age > 17),
    boss integer CONSTRAINT users_boss_fkey REFERENCES users (id),
    period tsrange,
    CONSTRAINT one_each EXCLUDE USING gist (period WITH &&)
  )`,
  'CREATE INDEX by_name ON users (name)',
]

test('in alterTable, one call a change', async () => {
  const said = await checkSql(
    engines.all(),
    (builder) =>
      builder.alterTable('users', (table) => {
        table
          .setNotNull('name')
          .setNullable('name')
          .setDefault('name', 'somebody', { was: { defaultValue: 'nobody' } })
          .dropDefault('name', { was: { defaultValue: 'somebody' } })
          .dropForeignKey('users_boss_fkey', {
            was: (old) => old.foreign('boss').references('users', 'id'),
          })
          .dropPrimaryKey({ was: (old) => old.primary('id') })
          .primary('email')
          .dropUnique('users_email_key', { was: (old) => old.unique('email') })
          .dropCheck('adult', { was: (old) => old.check('adult', 'age > 17') })
          .check('adult', 'age > 20', { notValid: true })
          .validateConstraint('adult')
          .renameConstraint('adult', 'grown_up')
          .dropExclude('one_each', {
            was: (old) => old.exclude([{ column: 'period', with: '&&' }]),
          })
          .renameIndex('by_name', 'names')
      }),
    USERS,
  )
  expect(said).toMatchInlineSnapshot(`
    "ALTER TABLE "users" ALTER COLUMN "name" SET NOT NULL;
    ALTER TABLE "users" ALTER COLUMN "name" DROP NOT NULL;
    ALTER TABLE "users" ALTER COLUMN "name" SET DEFAULT 'somebody';
    ALTER TABLE "users" ALTER COLUMN "name" DROP DEFAULT;
    ALTER TABLE "users" DROP CONSTRAINT "users_boss_fkey";
    ALTER TABLE "users" DROP CONSTRAINT "users_pkey";
    ALTER TABLE "users" ADD CONSTRAINT "users_pkey" PRIMARY KEY ("email");
    ALTER TABLE "users" DROP CONSTRAINT "users_email_key";
    ALTER TABLE "users" DROP CONSTRAINT "adult";
    ALTER TABLE "users" ADD CONSTRAINT "adult" CHECK (age > 20) NOT VALID;
    ALTER TABLE "users" VALIDATE CONSTRAINT "adult";
    ALTER TABLE "users" RENAME CONSTRAINT "adult" TO "grown_up";
    ALTER TABLE "users" DROP CONSTRAINT "one_each";
    ALTER INDEX "by_name" RENAME TO "names""
  `)
})

test('row level security in the callback of a table', async () => {
  const said = await checkSql(engines.all(), (builder) =>
    builder
      .createTable('posts', (table) => {
        table.boolean('published')
        table.enableRls({ force: true })
        table.policy('published_posts', { for: 'select', using: 'published' })
      })
      .alterTable('posts', (table) => {
        table.disableRls({ force: true }).enableRls()
        table.dropPolicy('published_posts')
        table.policy('all_posts', { using: sql`true` })
      }),
  )
  expect(said).toMatchInlineSnapshot(`
    "CREATE TABLE "posts" (
      "published" boolean NOT NULL
    );
    ALTER TABLE "posts" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
    CREATE POLICY "published_posts" ON "posts" FOR SELECT TO PUBLIC USING (published);
    ALTER TABLE "posts" DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY;
    ALTER TABLE "posts" ENABLE ROW LEVEL SECURITY;
    DROP POLICY "published_posts" ON "posts";
    CREATE POLICY "all_posts" ON "posts" FOR ALL TO PUBLIC USING (true)"
  `)
})

test('index() of a column', async () => {
  const said = await checkSql(engines.all(), (builder) =>
    builder
      .createTable('users', (table) => {
        table.id()
        table.string('email').index({ unique: true, where: `email <> ''` })
        table.text('tags').index().index({ name: 'words', indexType: 'hash' })
      })
      .alterTable('users', (table) => {
        table.integer('age').nullable().index()
        table.belongsTo('users', { as: 'boss', index: false, nullable: true }).index()
      }),
  )
  expect(said).toMatchInlineSnapshot(`
    "CREATE TABLE "users" (
      "id" uuid DEFAULT gen_random_uuid() NOT NULL,
      "email" varchar NOT NULL,
      "tags" text NOT NULL,
      CONSTRAINT "users_pkey" PRIMARY KEY ("id")
    );
    CREATE UNIQUE INDEX "idx_users_email" ON "users" ("email") WHERE email <> '';
    CREATE INDEX "idx_users_tags" ON "users" ("tags");
    CREATE INDEX "words" ON "users" USING hash ("tags");
    ALTER TABLE "users" ADD COLUMN "age" integer;
    CREATE INDEX "idx_users_age" ON "users" ("age");
    ALTER TABLE "users" ADD COLUMN "boss_id" uuid;
    ALTER TABLE "users" ADD CONSTRAINT "users_boss_id_fkey" FOREIGN KEY ("boss_id") REFERENCES "users" ("id");
    CREATE INDEX "idx_users_boss_id" ON "users" ("boss_id")"
  `)
})

test('a key whose type is looked up has index() and comment() too', async () => {
  for (const database of engines.all()) {
    await database.run([
      'DROP SCHEMA IF EXISTS public CASCADE',
      'CREATE SCHEMA public',
      'CREATE TABLE users (id bigint PRIMARY KEY)',
    ])
    await new SchemaBuilder(database)
      .createTable('posts', (table) => {
        table
          .belongsTo('users', { index: false })
          .comment('who wrote it')
          .index({ name: 'authors' })
      })
      .run()
    const { rows } = await database.query(
      `SELECT col_description('posts'::regclass, 1) AS comment, indexdef FROM pg_indexes WHERE tablename = 'posts'`,
    )
    expect(rows).toEqual([
      {
        comment: 'who wrote it',
        indexdef: 'CREATE INDEX authors ON public.posts USING btree (user_id)',
      },
    ])
  }
})

test('dropIndex by the name alone', async () => {
  const said = await checkSql(engines.all(), (builder) =>
    builder
      .createTable('users', (table) =>
        table.text('name').index({ name: 'names', indexType: 'hash' }),
      )
      .dropIndex('users', { index: 'names' }),
  )
  expect(said).toMatchInlineSnapshot(`
    "CREATE TABLE "users" (
      "name" text NOT NULL
    );
    CREATE INDEX "names" ON "users" USING hash ("name");
    DROP INDEX "names""
  `)
  const builder = new SchemaBuilder().dropIndex('users', { index: 'names' }, { concurrently: true })
  expect(builder.toSQL()).toEqual(['DROP INDEX CONCURRENTLY "names"'])
  expect(() => invertAll(builder.operations)).toThrow(IrreversibleError)
  expect(failure(() => builder.dropIndex('users', { index: 'names' }, { was: {} })))
    .toMatchInlineSnapshot(`
    "FAASJS_PG_BAD_DEFINITION
    dropIndex({ index: 'names' }) has was beside it
    an index has one name, and to make it anew takes its keys
    write dropIndex('email', { name: 'names', was: {} }), with its keys"
  `)
  expect(failure(() => builder.dropIndex('users', { index: '' }))).toContain('empty')
})

describe('dropColumn with ifExists', () => {
  test('a column that may not be there', async () => {
    const said = await checkSql(
      engines.all(),
      (builder) =>
        builder
          .dropColumn('users', 'name', { ifExists: true })
          .dropColumn('users', 'name', { ifExists: true, cascade: true }),
      USERS,
      { undo: false },
    )
    expect(said).toMatchInlineSnapshot(`
      "ALTER TABLE "users" DROP COLUMN IF EXISTS "name";
      ALTER TABLE "users" DROP COLUMN IF EXISTS "name" CASCADE"
    `)
  })

  test('cannot be undone, unless it was made in the same list', async () => {
    const builder = new SchemaBuilder().dropColumn('users', 'name', { ifExists: true })
    expect(() => invertAll(builder.operations)).toThrow('"dropColumn" cannot be undone')
    expect(
      failure(() =>
        builder.dropColumn('users', 'name', { ifExists: true, was: (old) => old.text('name') }),
      ),
    ).toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_DEFINITION
      dropColumn("name") has both ifExists and was
      where it may not have been there, nothing says whether to bring it back
      leave out ifExists, or was"
    `)
    await checkSql(engines.all(), (made) =>
      made
        .createTable('users', (table) => {
          table.id()
          table.text('name').unique()
        })
        .dropColumn('users', 'name', { ifExists: true }),
    )
  })
})

test('rawSql with its undo', async () => {
  const said = await checkSql(engines.all(), (builder) =>
    builder
      .raw(rawSql('CREATE TABLE a ()', 'DROP TABLE a'))
      .createTable('b', (table) => {
        table.id()
        table.raw(rawSql('CREATE INDEX c ON b (id)', 'DROP INDEX c'))
      })
      .raw(rawSql('SELECT 1', 'nonsense'), 'SELECT 2'),
  )
  expect(said).toMatchInlineSnapshot(`
    "CREATE TABLE a ();
    CREATE TABLE "b" (
      "id" uuid DEFAULT gen_random_uuid() NOT NULL,
      CONSTRAINT "b_pkey" PRIMARY KEY ("id")
    );
    CREATE INDEX c ON b (id);
    SELECT 1"
  `)
})

test('what is there already is changed in alterTable only', () => {
  const builder = new SchemaBuilder()
  const inCreate = (change: Parameters<SchemaBuilder['createTable']>[1]): string =>
    failure(() => builder.createTable('users', change))
  expect(inCreate((table) => table.dropUnique('users_email_key'))).toMatchInlineSnapshot(`
    "FAASJS_PG_BAD_DEFINITION
    dropUnique changes a table that is there
    createTable is only making table "users"
    call it on builder.alterTable('users', …)"
  `)
  expect(inCreate((table) => table.renameIndex('a', 'b'))).toContain('renameIndex changes a table')
  expect(inCreate((table) => table.disableRls())).toContain('disableRls changes a table')
  // A new column is completed, though.
  builder.createTable('users', (table) => {
    table.text('name').nullable()
    table.setNotNull('name').setDefault('name', 'nobody')
  })
  expect(builder.toSQL()).toMatchInlineSnapshot(`
    [
      "CREATE TABLE "users" (
      "name" text DEFAULT 'nobody' NOT NULL
    )",
    ]
  `)
})

test('a constraint that is dropped can be added again under its name', () => {
  const builder = new SchemaBuilder().alterTable('users', (table) => {
    table.unique('email').dropUnique('users_email_key').unique('email')
    table.alterColumn('email', { unique: false }).alterColumn('email', { unique: true })
    table.primary('id').dropPrimaryKey().primary('email')
  })
  expect(builder.operations.map(({ kind }) => kind)).toEqual([
    'addUnique',
    'dropUnique',
    'addUnique',
    'dropUnique',
    'addUnique',
    'addPrimaryKey',
    'dropPrimaryKey',
    'addPrimaryKey',
  ])
})

import { expect, test } from 'vitest'

import { sql } from '../../src/builder/sql-fragment.ts'
import { checkSql, useEngines } from '../helpers/check-sql.ts'

const engines = useEngines()

const BEFORE = [
  'CREATE TABLE teams (id integer PRIMARY KEY)',
  `CREATE TABLE users (id integer NOT NULL, name varchar(20), age integer DEFAULT 7, period int4range)`,
]

test('columns', async () => {
  const said = await checkSql(
    engines.all(),
    (builder) =>
      builder
        .addColumn('users', (table) => table.text('bio').nullable())
        .fill('users', 'bio', "it's new")
        .setNotNull('users', 'bio')
        .setNullable('users', 'bio')
        .setDefault('users', 'bio', 'x', { was: { noDefault: true } })
        .dropDefault('users', 'age', { was: { defaultValue: 7 } })
        .renameColumn('users', 'name', 'full_name')
        .alterColumn('users', 'full_name', { type: 'text', was: { type: 'varchar(20)' } })
        .addIdentity('users', 'id', { always: true, start: 10, increment: 2 })
        .dropIdentity('users', 'id', { was: { always: true, start: 10, increment: 2 } })
        .setStorage('users', 'bio', 'external', { was: 'extended' })
        .dropColumn('users', 'age', { was: (table) => table.integer('age').nullable() })
        .dropColumn('users', 'bio', {
          cascade: true,
          was: (table) => table.text('bio').nullable(),
        }),
    BEFORE,
  )
  expect(said).toMatchInlineSnapshot(`
    "ALTER TABLE "users" ADD COLUMN "bio" text;
    UPDATE "users" SET "bio" = 'it''s new' WHERE "bio" IS NULL;
    ALTER TABLE "users" ALTER COLUMN "bio" SET NOT NULL;
    ALTER TABLE "users" ALTER COLUMN "bio" DROP NOT NULL;
    ALTER TABLE "users" ALTER COLUMN "bio" SET DEFAULT 'x';
    ALTER TABLE "users" ALTER COLUMN "age" DROP DEFAULT;
    ALTER TABLE "users" RENAME COLUMN "name" TO "full_name";
    ALTER TABLE "users" ALTER COLUMN "full_name" SET DATA TYPE text;
    ALTER TABLE "users" ALTER COLUMN "id" ADD GENERATED ALWAYS AS IDENTITY (START WITH 10 INCREMENT BY 2);
    ALTER TABLE "users" ALTER COLUMN "id" DROP IDENTITY;
    ALTER TABLE "users" ALTER COLUMN "bio" SET STORAGE EXTERNAL;
    ALTER TABLE "users" DROP COLUMN "age";
    ALTER TABLE "users" DROP COLUMN "bio" CASCADE"
  `)
})

test('constraints', async () => {
  const said = await checkSql(
    engines.all(),
    (builder) =>
      builder
        .addPrimaryKey('users', 'id', { deferrable: 'immediate', include: 'age' })
        .dropPrimaryKey('users', {
          was: (table) => table.primary('id', { deferrable: 'immediate', include: 'age' }),
        })
        .addUnique('users', ['name', 'age'], { nullsNotDistinct: true, deferrable: 'deferred' })
        .renameConstraint('users', 'users_name_age_key', 'people')
        .dropUnique('users', 'people', {
          was: (table) =>
            table.unique(['name', 'age'], { nullsNotDistinct: true, deferrable: 'deferred' }),
        })
        .addCheck('users', 'adult', sql`age >= ${18}`, { notValid: true, noInherit: true })
        .validateConstraint('users', 'adult')
        .dropCheck('users', 'adult', { was: (table) => table.check('x', 'age >= 18') })
        .addForeignKey(
          'users',
          'age',
          { table: 'teams', column: 'id' },
          { onDelete: 'SET NULL', onUpdate: 'CASCADE', notValid: true, match: 'full' },
        )
        .validateConstraint('users', 'users_age_fkey')
        .dropForeignKey('users', 'users_age_fkey', {
          cascade: true,
          was: (table) => table.foreign('age').references('teams', 'id').onDelete('SET NULL'),
        })
        .addExclude('users', [{ column: 'period', with: '&&' }], {
          where: 'age > 0',
          deferrable: 'deferred',
        })
        .dropExclude('users', 'users_period_excl', {
          was: (table) => table.exclude([{ expression: 'period', with: '&&' }]),
        }),
    BEFORE,
  )
  expect(said).toMatchInlineSnapshot(`
    "ALTER TABLE "users" ADD CONSTRAINT "users_pkey" PRIMARY KEY ("id") INCLUDE ("age") DEFERRABLE INITIALLY IMMEDIATE;
    ALTER TABLE "users" DROP CONSTRAINT "users_pkey";
    ALTER TABLE "users" ADD CONSTRAINT "users_name_age_key" UNIQUE NULLS NOT DISTINCT ("name", "age") DEFERRABLE INITIALLY DEFERRED;
    ALTER TABLE "users" RENAME CONSTRAINT "users_name_age_key" TO "people";
    ALTER TABLE "users" DROP CONSTRAINT "people";
    ALTER TABLE "users" ADD CONSTRAINT "adult" CHECK (age >= 18) NO INHERIT NOT VALID;
    ALTER TABLE "users" VALIDATE CONSTRAINT "adult";
    ALTER TABLE "users" DROP CONSTRAINT "adult";
    ALTER TABLE "users" ADD CONSTRAINT "users_age_fkey" FOREIGN KEY ("age") REFERENCES "teams" ("id") MATCH FULL ON DELETE SET NULL ON UPDATE CASCADE NOT VALID;
    ALTER TABLE "users" VALIDATE CONSTRAINT "users_age_fkey";
    ALTER TABLE "users" DROP CONSTRAINT "users_age_fkey" CASCADE;
    ALTER TABLE "users" ADD CONSTRAINT "users_period_excl" EXCLUDE USING gist ("period" WITH &&) WHERE (age > 0) DEFERRABLE INITIALLY DEFERRED;
    ALTER TABLE "users" DROP CONSTRAINT "users_period_excl""
  `)
})

test('an index becomes a constraint', async () => {
  const said = await checkSql(
    engines.all(),
    (builder) =>
      builder
        .createIndex('users', 'id', { unique: true })
        .createIndex('users', 'name', { unique: true })
        .alterTable('users', (table) => {
          table.primaryUsingIndex('idx_users_id')
          table.uniqueUsingIndex('idx_users_name', { name: 'names' })
        }),
    BEFORE,
  )
  expect(said).toMatchInlineSnapshot(`
    "CREATE UNIQUE INDEX "idx_users_id" ON "users" ("id");
    CREATE UNIQUE INDEX "idx_users_name" ON "users" ("name");
    ALTER TABLE "users" ADD CONSTRAINT "users_pkey" PRIMARY KEY USING INDEX "idx_users_id";
    ALTER TABLE "users" ADD CONSTRAINT "names" UNIQUE USING INDEX "idx_users_name""
  `)
})

test('indexes', async () => {
  const said = await checkSql(
    engines.all(),
    (builder) =>
      builder
        .createIndex('users', [{ column: 'name', order: 'desc', nulls: 'last' }, 'age'], {
          unique: true,
          where: sql`age > ${1}`,
          include: 'id',
          nullsNotDistinct: true,
          with: { fillfactor: 70 },
        })
        .createIndex('users', sql`lower(name)`)
        .createIndex('users', { expression: 'upper(name)', collate: 'C' }, { name: 'shouts' })
        .createIndex('users', { column: 'name', opclass: 'varchar_pattern_ops' }, { name: 'likes' })
        .createIndex('users', 'period', { indexType: 'gist', only: true })
        .renameIndex('users', 'shouts', 'whispers')
        .reindex({ index: 'likes' })
        .reindex({ table: 'users' })
        .dropIndex('users', 'name', { name: 'likes', was: {} }),
    [...BEFORE],
  )
  expect(said).toMatchInlineSnapshot(`
    "CREATE UNIQUE INDEX "idx_users_name_age" ON "users" ("name" DESC NULLS LAST, "age") INCLUDE ("id") NULLS NOT DISTINCT WITH ("fillfactor" = 70) WHERE age > 1;
    CREATE INDEX "idx_users_expr" ON "users" ((lower(name)));
    CREATE INDEX "shouts" ON "users" ((upper(name)) COLLATE "C");
    CREATE INDEX "likes" ON "users" ("name" varchar_pattern_ops);
    CREATE INDEX "idx_users_period" ON ONLY "users" USING gist ("period");
    ALTER INDEX "shouts" RENAME TO "whispers";
    REINDEX INDEX "likes";
    REINDEX TABLE "users";
    DROP INDEX "likes""
  `)
})

import { describe, expect, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { IrreversibleError } from '../../src/errors.ts'
import { invertAll } from '../../src/operations/invert.ts'
import { withMemory } from '../../src/operations/memory/schema-memory.ts'
import { compile } from '../../src/sql/compile.ts'
import { checkSql, useEngines } from '../helpers/check-sql.ts'
import { failure } from '../helpers/failure.ts'

const engines = useEngines()

type Define = (builder: SchemaBuilder) => unknown

function undone(define: Define): string {
  const builder = new SchemaBuilder()
  define(builder)
  return invertAll(withMemory(builder.operations)).map(compile).join(';\n')
}

describe('undoing addPrimaryKey makes columns nullable again that were', () => {
  test('of an older table, which says so', async () => {
    const add: Define = (builder) =>
      builder
        .addPrimaryKey('members', ['team', 'user'], { was: { nullable: 'user' } })
        .alterTable('others', (table) => table.primary('id', { was: { nullable: [] } }))
    await checkSql(engines.all(), add, [
      'CREATE TABLE members (team integer NOT NULL, "user" integer)',
      'CREATE TABLE others (id integer NOT NULL)',
    ])
    expect(undone(add)).toMatchInlineSnapshot(`
      "ALTER TABLE "others" DROP CONSTRAINT "others_pkey";
      ALTER TABLE "members" DROP CONSTRAINT "members_pkey";
      ALTER TABLE "members" ALTER COLUMN "user" DROP NOT NULL"
    `)
  })

  test('of a table that is as new', async () => {
    const add: Define = (builder) =>
      builder
        .createTable('t', (table) => {
          table.integer('a').nullable()
          table.integer('b')
        })
        .addPrimaryKey('t', ['a', 'b'])
        .dropPrimaryKey('t')
        // What was a key stays NOT NULL.
        .addPrimaryKey('t', ['b', 'a'])
    await checkSql(engines.all(), add)
    expect(undone(add)).toMatchInlineSnapshot(`
      "ALTER TABLE "t" DROP CONSTRAINT "t_pkey";
      ALTER TABLE "t" ADD CONSTRAINT "t_pkey" PRIMARY KEY ("a", "b");
      ALTER TABLE "t" DROP CONSTRAINT "t_pkey";
      ALTER TABLE "t" ALTER COLUMN "a" DROP NOT NULL;
      DROP TABLE "t""
    `)
  })

  test('of an older table, on columns that are as new', async () => {
    const add: Define = (builder) =>
      builder
        .addColumn('old', (table) => table.integer('a').backfill(1))
        .addColumn('old', (table) => table.integer('b').nullable())
        .createIndex('old', 'b')
        .addPrimaryKey('old', ['a', 'b'])
        .alterTable('older', (table) => table.uuid('id').primary())
    await checkSql(engines.all(), add, ['CREATE TABLE old ()', 'CREATE TABLE older ()'])
    expect(undone(add)).toMatchInlineSnapshot(`
      "ALTER TABLE "older" DROP CONSTRAINT "older_pkey";
      ALTER TABLE "older" DROP COLUMN "id";
      ALTER TABLE "old" DROP CONSTRAINT "old_pkey";
      ALTER TABLE "old" ALTER COLUMN "b" DROP NOT NULL;
      DROP INDEX "idx_old_b";
      ALTER TABLE "old" DROP COLUMN "b";
      ALTER TABLE "old" ALTER COLUMN "a" DROP NOT NULL;
      ALTER TABLE "old" DROP COLUMN "a""
    `)
  })
})

test.each<[string, Define]>([
  ['it is of an older column', (builder) => builder.addPrimaryKey('t', 'a')],
  [
    'the new column may have changed since',
    (builder) =>
      builder
        .addColumn('t', (table) => table.integer('a'))
        .setNullable('public.t', 'a')
        .addPrimaryKey('t', 'a'),
  ],
  [
    'raw SQL may have changed it',
    (builder) =>
      builder
        .addColumn('t', (table) => table.integer('a').nullable())
        .raw('SELECT 1', 'SELECT 1')
        .addPrimaryKey('t', 'a'),
  ],
])('where that is not known, it says so: %s', (_why, define) => {
  expect(() => undone(define)).toThrow(IrreversibleError)
  expect(() => undone(define)).toThrow('which of its columns allowed NULL before is not recorded')
})

test('what it was must be of the key, and of an older table', () => {
  const builder = new SchemaBuilder()
  expect(failure(() => builder.addPrimaryKey('t', 'a', { was: { nullable: 'b' } })))
    .toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_DEFINITION
      { was } of primary key "t_pkey" speaks of column "b", which is not part of it
      name those columns of the key that allow NULL until now"
    `)
  expect(
    failure(() =>
      builder.createTable('t', (table) => {
        table.integer('a')
        table.primary('a', { was: { nullable: 'a' } })
      }),
    ),
  ).toMatchInlineSnapshot(`
    "FAASJS_PG_BAD_DEFINITION
    { was } of the primary key says what columns were, but table "t" is new
    leave { was } out"
  `)
})

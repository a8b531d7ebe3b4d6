import { expect, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { checkSql, useEngines } from '../helpers/check-sql.ts'

const engines = useEngines()

test('constraints of a column take names', async () => {
  const said = await checkSql(engines.all(), (builder) =>
    builder
      .createTable('users', (table) => {
        table.uuid('id').primary({ name: 'users_key' })
        table
          .text('email')
          .unique({ name: 'one_email' })
          .check("email <> ''", { name: 'has_email' })
        table.uuid('boss_id').references('users', 'id', { name: 'boss' }).onDelete('CASCADE')
      })
      .alterTable('users', (table) => table.integer('n').unique({ name: 'one_n' })),
  )
  expect(said).toMatchInlineSnapshot(`
    "CREATE TABLE "users" (
      "id" uuid NOT NULL,
      "email" text NOT NULL,
      "boss_id" uuid NOT NULL,
      CONSTRAINT "users_key" PRIMARY KEY ("id"),
      CONSTRAINT "one_email" UNIQUE ("email"),
      CONSTRAINT "has_email" CHECK (email <> ''),
      CONSTRAINT "boss" FOREIGN KEY ("boss_id") REFERENCES "users" ("id") ON DELETE CASCADE
    );
    ALTER TABLE "users" ADD COLUMN "n" integer NOT NULL;
    ALTER TABLE "users" ADD CONSTRAINT "one_n" UNIQUE ("n")"
  `)
})

test('names are checked where they are given, and taken once', () => {
  const builder = new SchemaBuilder()
  expect(() =>
    builder.createTable('t', (table) => table.text('a').unique({ name: 'x'.repeat(64) })),
  ).toThrow('BAD_IDENTIFIER')
  expect(() =>
    builder.createTable('t', (table) => {
      table.text('a').unique({ name: 'same' })
      table.text('b').check('true', { name: 'same' })
    }),
  ).toThrow('same')
})

test('the columns of manyToMany have exactly the names that are given', () => {
  const [statement] = new SchemaBuilder()
    .createTable('users', (table) => table.id())
    .manyToMany('users', 'users', { name: 'follows', columns: ['follower', 'followed'] })
    .operations.slice(1)
  expect(statement).toMatchObject({
    kind: 'createTable',
    columns: [{ name: 'follower' }, { name: 'followed' }],
  })
})

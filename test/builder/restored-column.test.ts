import { expect, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { invertAll } from '../../src/operations/invert.ts'
import { compile } from '../../src/sql/compile.ts'
import { checkSql, useEngines } from '../helpers/check-sql.ts'

const engines = useEngines()

test('what a column was comes back with its constraints, indexes and comment', async () => {
  const before = new SchemaBuilder()
    .createTable('users', (table) => {
      table.uuid('id').primary()
      table.integer('tenant')
    })
    .createTable('posts', (table) => table.integer('n'))
    .toSQL()
  const drop = (builder: SchemaBuilder): unknown =>
    builder
      .dropColumn('users', 'email', {
        was: (table) => table.text('email').unique().check("email <> ''").comment('lower case'),
      })
      .alterTable('posts', (table) => {
        table.dropColumn('author_id', {
          was: (old) => old.belongsTo('users', { as: 'author', type: 'uuid' }),
        })
        table.dropColumn('kind', {
          was: (old) => {
            old.enum('kind', ['a', 'b'])
            old.index(['kind', 'n'])
          },
        })
      })
  const builder = new SchemaBuilder()
  drop(builder)
  const undone = invertAll(builder.operations).map(compile)
  expect(undone.join(';\n')).toMatchInlineSnapshot(`
    "ALTER TABLE "posts" ADD COLUMN "kind" "posts_kind" NOT NULL;
    CREATE INDEX "idx_posts_kind_n" ON "posts" ("kind", "n");
    ALTER TABLE "posts" ADD COLUMN "author_id" uuid NOT NULL;
    ALTER TABLE "posts" ADD CONSTRAINT "posts_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "users" ("id");
    CREATE INDEX "idx_posts_author_id" ON "posts" ("author_id");
    ALTER TABLE "users" ADD COLUMN "email" text NOT NULL;
    ALTER TABLE "users" ADD CONSTRAINT "users_email_key" UNIQUE ("email");
    ALTER TABLE "users" ADD CONSTRAINT "users_email_check" CHECK (email <> '');
    COMMENT ON COLUMN "users"."email" IS 'lower case'"
  `)
  const said = await checkSql(engines.all(), drop, [
    ...before,
    `CREATE TYPE posts_kind AS ENUM ('a', 'b')`,
    ...undone,
  ])
  expect(said).toContain('DROP COLUMN "email"')
})

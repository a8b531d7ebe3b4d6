import { expect, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { invertAll } from '../../src/operations/invert.ts'
import { checkSql, emptyDatabase, useEngines } from '../helpers/check-sql.ts'

const engines = useEngines()

test('tables that point to each other', async () => {
  const said = await checkSql(engines.all(), (builder) =>
    builder
      .createTable('users', (table) => {
        table.id()
        table.uuid('team_id').nullable().references('teams', 'id').onDelete('SET NULL')
        table.uuid('boss_id').references('users', 'id')
      })
      .createTable('teams', (table) => {
        table.id()
        table.uuid('owner_id').references('users', 'id')
      }),
  )
  expect(said).toMatchInlineSnapshot(`
    "CREATE TABLE "users" (
      "id" uuid DEFAULT gen_random_uuid() NOT NULL,
      "team_id" uuid,
      "boss_id" uuid NOT NULL,
      CONSTRAINT "users_pkey" PRIMARY KEY ("id"),
      CONSTRAINT "users_boss_id_fkey" FOREIGN KEY ("boss_id") REFERENCES "users" ("id")
    );
    CREATE TABLE "teams" (
      "id" uuid DEFAULT gen_random_uuid() NOT NULL,
      "owner_id" uuid NOT NULL,
      CONSTRAINT "teams_pkey" PRIMARY KEY ("id"),
      CONSTRAINT "teams_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "users" ("id")
    );
    ALTER TABLE "users" ADD CONSTRAINT "users_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "teams" ("id") ON DELETE SET NULL"
  `)
})

test('columns take the type of a key that comes later', async () => {
  const said = await checkSql(engines.all(), (builder) =>
    builder
      .createTable('posts', (table) => {
        table.id()
        table.belongsTo('users', { as: 'author' })
        table.belongsToAny(['users', 'teams'], { as: 'subject' })
      })
      .alterTable('posts', (table) => table.belongsTo('teams'))
      .createTable('users', (table) => {
        table.serial('id').primary()
        table.integer('code')
        table.index('code', { unique: true })
        table.belongsTo('posts', { as: 'pinned' })
      })
      .createTable('teams', (table) => table.serial('id').primary()),
  )
  expect(said).toMatchInlineSnapshot(`
    "CREATE TABLE "posts" (
      "id" uuid DEFAULT gen_random_uuid() NOT NULL,
      "author_id" integer NOT NULL,
      "subject_type" text NOT NULL,
      "subject_id" integer NOT NULL,
      CONSTRAINT "posts_pkey" PRIMARY KEY ("id"),
      CONSTRAINT "posts_subject_type_check" CHECK ("subject_type" IN ('users', 'teams'))
    );
    CREATE INDEX "idx_posts_author_id" ON "posts" ("author_id");
    CREATE INDEX "idx_posts_subject_type_subject_id" ON "posts" ("subject_type", "subject_id");
    ALTER TABLE "posts" ADD COLUMN "team_id" integer NOT NULL;
    CREATE INDEX "idx_posts_team_id" ON "posts" ("team_id");
    CREATE TABLE "users" (
      "id" serial NOT NULL,
      "code" integer NOT NULL,
      "pinned_id" uuid NOT NULL,
      CONSTRAINT "users_pkey" PRIMARY KEY ("id"),
      CONSTRAINT "users_pinned_id_fkey" FOREIGN KEY ("pinned_id") REFERENCES "posts" ("id")
    );
    CREATE UNIQUE INDEX "idx_users_code" ON "users" ("code");
    CREATE INDEX "idx_users_pinned_id" ON "users" ("pinned_id");
    ALTER TABLE "posts" ADD CONSTRAINT "posts_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "users" ("id");
    CREATE TABLE "teams" (
      "id" serial NOT NULL,
      CONSTRAINT "teams_pkey" PRIMARY KEY ("id")
    );
    ALTER TABLE "posts" ADD CONSTRAINT "posts_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "teams" ("id")"
  `)
})

test('a key to a unique index of the later table, and one that was there before', async () => {
  for (const database of engines.all()) {
    await emptyDatabase(database)
    await database.run(['CREATE TABLE old (id integer PRIMARY KEY)'])
    const builder = new SchemaBuilder(database)
      .createTable('a', (table) => {
        table.integer('code').references('b', 'code')
        table.integer('old_id').references('old', 'id')
      })
      .createTable('b', (table) => {
        table.integer('code')
        table.index('code', { unique: true })
      })
    await builder.run()
    // The first key means the table that is dropped, not the new one of its name.
    const replaced = new SchemaBuilder()
      .createTable('c', (table) => table.integer('old_id').references('old', 'id'))
      .dropTable('old', { cascade: true })
      .createTable('old', (table) => table.integer('id').primary())
    expect(replaced.operations.map(({ kind }) => kind)).toEqual([
      'createTable',
      'dropTable',
      'createTable',
    ])
  }
})

test('a table that has another name by then keeps its key', () => {
  const builder = new SchemaBuilder()
    .createTable('a', (table) => table.integer('b_id').references('b', 'id'))
    .renameTable('a', 'z')
    .createTable('b', (table) => table.integer('id').primary())
  expect(builder.toSQL()[0]).toContain('a_b_id_fkey')
  expect(invertAll(builder.operations)).toHaveLength(3)
})

test('a failure of the moved key names the line that wrote it', async () => {
  const [database] = engines.all()
  if (!database) throw new TypeError('there are engines')
  await emptyDatabase(database)
  const builder = new SchemaBuilder(database)
  const here = Number(/:(\d+):\d+\)?$/.exec(new Error('here').stack?.split('\n')[1] ?? '')?.[1])
  builder.createTable('a', (table) => table.text('b_id').references('b', 'id'))
  builder.createTable('b', (table) => table.integer('id').primary())
  await expect(builder.run()).rejects.toMatchObject({
    details: { statement: 3, source: expect.stringMatching(`later-tables.test.ts:${here + 1}$`) },
  })
})

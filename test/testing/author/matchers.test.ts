import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import type { TestDb } from '../../../src/testing/author/test-db.ts'
import '../../../src/vitest/matchers.ts'
import { ENGINES, openTestDb } from './test-db-on-engines.ts'

const SCHEMA = `
CREATE TABLE users (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email varchar(320) NOT NULL UNIQUE,
  seen timestamp(3) with time zone,
  tags text[] NOT NULL DEFAULT '{}',
  age int CHECK (age > 0));
CREATE TABLE posts (id bigint PRIMARY KEY, "authorId" int REFERENCES users, title text);
CREATE INDEX ON posts ("authorId", lower(title));
CREATE VIEW titles AS SELECT title FROM posts;`

describe.each(ENGINES)('%s', (engine) => {
  let db: TestDb

  beforeAll(async () => {
    db = await openTestDb(engine, SCHEMA)
  })
  afterEach(() => db.raw('TRUNCATE users, posts RESTART IDENTITY'))
  afterAll(() => db.close())

  test('rows', async () => {
    await expect(db).toHaveRows('users', [])
    await db.insertMany('users', [{ email: 'ada@a', tags: ['x'] }, { email: 'bea@b' }])
    await expect(db).toHaveRows('users', [
      { email: 'bea@b' },
      { email: expect.stringContaining('@'), tags: ['x'], id: 1 },
    ])
    // The first pattern matches both; the second must get its own.
    await expect(db).toHaveRows('users', [{ email: expect.any(String) }, { email: 'ada@a' }])
    await expect(db).toHaveRows('users', [{ id: 2 }], { email: 'bea@b' })
    await expect(db).not.toHaveRows('users', [{ id: 1 }])
    await expect(db).not.toHaveRows('users', [{ id: 1 }, { id: 1 }])
    await expect(db).toHaveRow('users', { email: 'bea@b', age: null })
    await expect(db).not.toHaveRow('users', { email: 'bea@b', age: 5 })
    await expect(db).toHaveRowCount('users', 2)
    await expect(db).toHaveRowCount('users', 1, { id: [1, 5] })
    await expect(db).not.toHaveRowCount('users', 1)

    expect(await failure(() => expect(db).toHaveRows('users', [{ id: 2 }, { id: 3 }])))
      .toMatchInlineSnapshot(`
      "expected "users" to have these 2 rows

      - Expected
      + Received

        [
          {
            "id": 2,
          },
          {
      -     "id": 3,
      +     "id": 1,
          },
        ]"
    `)
    expect(await failure(() => expect(db).toHaveRow('users', { email: 'bea@b', age: 5, tags: [] })))
      .toMatchInlineSnapshot(`
      "expected "users" to have such a row; compared with the closest of its 2:

      - Expected
      + Received

        {
      -   "age": 5,
      +   "age": null,
          "email": "bea@b",
          "tags": [],
        }"
    `)
    expect(await failure(() => expect(db).not.toHaveRow('users', { id: 1 }))).toContain(
      'expected "users" not to have such a row',
    )
    expect(await failure(() => expect(db).toHaveRowCount('users', 3))).toMatchInlineSnapshot(`
      "expected "users" to have 3 rows, and it has 2:

        {"id":1,"email":"ada@a","seen":null,"tags":["x"],"age":null}
        {"id":2,"email":"bea@b","seen":null,"tags":[],"age":null}"
    `)
    expect(await failure(() => expect(db).toHaveRow('posts', { id: '1' }))).toContain(
      'and it has none',
    )
    await expect(expect(db).toHaveRows('nobody', [])).rejects.toThrow(/"nobody" does not exist/)
  })

  test('the schema', async () => {
    await expect(db).toHaveTable('users')
    await expect(db).toHaveTable('public.posts')
    await expect(db).not.toHaveTable('titles')
    await expect(db).not.toHaveTable('posts_pkey')
    await expect(db).toHaveColumn('titles', 'title')
    await expect(db).not.toHaveColumn('users', 'xmin')
    await expect(db).toHaveColumn('users', 'email', { type: 'varchar (320)', nullable: false })
    await expect(db).toHaveColumn('users', 'email', { type: 'character varying(320)' })
    await expect(db).not.toHaveColumn('users', 'email', { type: 'varchar' })
    await expect(db).toHaveColumn('users', 'seen', { type: 'timestamptz(3)', default: null })
    await expect(db).toHaveColumn('users', 'seen', { type: 'timestamp(3) with time zone' })
    await expect(db).toHaveColumn('users', 'tags', { type: 'text[]', default: `'{}'::text[]` })
    await expect(db).toHaveColumn('users', 'age', { type: 'int4', nullable: true })
    await expect(db).toHaveIndex('users', 'email', { unique: true })
    await expect(db).not.toHaveIndex('users', 'email', { unique: false })
    await expect(db).toHaveIndex('posts', ['authorId', 'lower(title)'])
    await expect(db).not.toHaveIndex('posts', ['authorId'])
    await expect(db).toHaveForeignKey('posts', 'authorId', 'users')
    await expect(db).not.toHaveForeignKey('posts', 'title', 'users')

    expect(await failure(() => expect(db).toHaveTable('user'))).toMatchInlineSnapshot(`
      "expected the database to have the table "user"

      It has:
        posts
        users"
    `)
    expect(await failure(() => expect(db).toHaveColumn('users', 'age', { type: 'bigint' })))
      .toMatchInlineSnapshot(`
      "expected "users" to have the column "age" like this

      - Expected
      + Received

        {
      -   "type": "bigint",
      +   "type": "integer",
        }"
    `)
    expect(await failure(() => expect(db).toHaveColumn('users', 'name'))).toMatch(
      /to have the column "name"\n\nIt has:\n {2}id\n {2}email/,
    )
    expect(await failure(() => expect(db).toHaveColumn('user', 'name'))).toContain('no such table')
    expect(await failure(() => expect(db).toHaveIndex('users', 'age', { unique: true })))
      .toMatchInlineSnapshot(`
        "expected "users" to have a unique index on age

        It has:
          CREATE UNIQUE INDEX users_email_key ON public.users USING btree (email)
          CREATE UNIQUE INDEX users_pkey ON public.users USING btree (id)"
      `)
    expect(await failure(() => expect(db).toHaveForeignKey('posts', 'id', 'users')))
      .toMatchInlineSnapshot(`
        "expected "posts" to have a foreign key on id to "users"

        It has:
          FOREIGN KEY ("authorId") REFERENCES users(id)"
      `)
  })

  test('violated constraints', async () => {
    await db.insert('users', { email: 'ada@a' })
    const twice = (): Promise<unknown> => db.insert('users', { email: 'ada@a' })
    await expect(twice()).toViolate('users_email_key')
    await expect(twice).toViolate(/email/)
    await expect(twice).toViolate()
    await expect(db.insert('users', { email: 'b', age: -1 })).toViolate('users_age_check')
    await expect(db.insert('users', {})).toViolate('email')
    await expect(twice()).not.toViolate('users_age_check')
    await expect(db.rows('users')).not.toViolate()
    await expect(db.rows('nobody')).not.toViolate()
    const wrapped = twice().catch((cause: unknown) => {
      throw new Error('of an ORM', { cause })
    })
    await expect(wrapped).toViolate('users_email_key')
    expect(await failure(() => expect(twice()).toViolate('users_pkey'))).toMatchInlineSnapshot(`
      "expected the statement to violate "users_pkey"

      It violated "users_email_key": duplicate key value violates unique constraint "users_email_key" (SQLSTATE 23505)"
    `)
    expect(await failure(() => expect(db.rows('users')).toViolate())).toContain('it did not fail')
    expect(await failure(() => expect(db.rows('none')).toViolate())).toContain('failed otherwise')
  })
})

test('sent queries, by their text', async () => {
  const sql = 'SELECT * FROM posts WHERE id = $1'
  const db = { queries: async () => [{ sql }, { sql }] }
  await expect(db).toHaveSentQueries(2)
  expect(await failure(() => expect(db).toHaveSentQueries(1))).toMatchInlineSnapshot(`
    "expected the code under test to have sent 1 queries, and it sent 2:

      2 × SELECT * FROM posts WHERE id = $1"
  `)
})

test('what they are not about', async () => {
  for (const attempt of [
    expect(5).toHaveRows('users', []),
    expect({}).toHaveTable('users'),
    expect({}).toHaveSentQueries(1),
    expect('text').toViolate(),
  ]) {
    await expect(attempt).rejects.toMatchObject({ code: 'FAASJS_PG_MATCHER_MISUSED' })
  }
})

/** What a failing expectation says, without colours. */
async function failure(expectation: () => Promise<void>): Promise<string> {
  const error: unknown = await expectation().catch((reason: unknown) => reason)
  if (!(error instanceof Error)) throw new Error('it did not fail')
  // oxlint-disable-next-line no-control-regex -- colours
  return error.message.replaceAll(/\u001B\[\d+m/g, '')
}

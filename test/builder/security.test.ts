import { describe, expect, test } from 'vitest'

import type { PolicyChangeInput, PolicyInput } from '../../src/builder/policies.ts'
import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { sql } from '../../src/builder/sql-fragment.ts'
import { IrreversibleError } from '../../src/errors.ts'
import { describe as inWords } from '../../src/operations/describe.ts'
import { invertAll } from '../../src/operations/invert.ts'
import { compile } from '../../src/sql/compile.ts'
import { checkSql, useEngines } from '../helpers/check-sql.ts'
import { failure } from '../helpers/failure.ts'
import { useRole } from '../helpers/use-role.ts'

const engines = useEngines()
const role = useRole(engines)

const BEFORE = [
  'CREATE SCHEMA app',
  'CREATE TABLE app.posts (id integer, author text, done boolean)',
]

async function check(
  define: (builder: SchemaBuilder) => unknown,
  before: readonly string[] = [],
): Promise<string> {
  return role.plain(await checkSql(engines.all(), define, [...BEFORE, ...before]))
}

describe('enableRls and disableRls', () => {
  test('enableRls', async () => {
    const said = await check(
      (builder) => {
        builder.enableRls('app.posts')
        builder.enableRls('notes', { force: true })
      },
      ['CREATE TABLE notes ()'],
    )
    expect(said).toMatchInlineSnapshot(`
      "ALTER TABLE "app"."posts" ENABLE ROW LEVEL SECURITY;
      ALTER TABLE "notes" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"
    `)
  })

  test('disableRls', async () => {
    const said = await check(
      (builder) => {
        builder.disableRls('app.posts')
        builder.disableRls('notes', { force: true })
        builder.disableRls('texts')
      },
      [
        'ALTER TABLE app.posts ENABLE ROW LEVEL SECURITY',
        'CREATE TABLE notes ()',
        'ALTER TABLE notes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY',
        'CREATE TABLE texts ()',
        'ALTER TABLE texts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY',
      ],
    )
    expect(said).toMatchInlineSnapshot(`
      "ALTER TABLE "app"."posts" DISABLE ROW LEVEL SECURITY;
      ALTER TABLE "notes" DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY;
      ALTER TABLE "texts" DISABLE ROW LEVEL SECURITY"
    `)
  })
})

test('policy', async () => {
  const said = await check((builder) => {
    builder.policy('for all', 'app.posts', {})
    builder.policy('own', 'app.posts', {
      for: 'update',
      to: [role.name, 'CURRENT_USER', 'SESSION_USER', { keyword: 'CURRENT_ROLE' }],
      using: 'author = current_user',
      withCheck: sql`author = current_user AND author <> ${"o'b"}`,
      as: 'restrictive',
    })
    builder.policy('read', 'app.posts', { for: 'select', to: 'PUBLIC', using: 'true' })
    builder.policy('write', 'app.posts', {
      for: 'insert',
      to: { name: role.name },
      withCheck: 'true',
    })
    builder.policy('remove', 'app.posts', { for: 'delete', using: 'done', as: 'permissive' })
  })
  expect(said).toMatchInlineSnapshot(`
    "CREATE POLICY "for all" ON "app"."posts" FOR ALL TO PUBLIC;
    CREATE POLICY "own" ON "app"."posts" AS RESTRICTIVE FOR UPDATE TO "web", CURRENT_USER, SESSION_USER, CURRENT_ROLE USING (author = current_user) WITH CHECK (author = current_user AND author <> 'o''b');
    CREATE POLICY "read" ON "app"."posts" FOR SELECT TO PUBLIC USING (true);
    CREATE POLICY "write" ON "app"."posts" FOR INSERT TO "web" WITH CHECK (true);
    CREATE POLICY "remove" ON "app"."posts" AS PERMISSIVE FOR DELETE TO PUBLIC USING (done)"
  `)
})

describe('alterPolicy', () => {
  test('in place, and back', async () => {
    const said = await check(
      (builder) => {
        builder.alterPolicy(
          'own',
          'app.posts',
          { to: ['PUBLIC'], using: 'true', withCheck: 'done' },
          { was: { to: role.name, using: 'done', withCheck: 'false' } },
        )
        builder.alterPolicy('own', 'app.posts', { using: 'NOT done' }, { was: { using: 'true' } })
      },
      [`CREATE POLICY own ON app.posts TO ${role.name} USING (done) WITH CHECK (false)`],
    )
    expect(said).toMatchInlineSnapshot(`
      "ALTER POLICY "own" ON "app"."posts" TO PUBLIC USING (true) WITH CHECK (done);
      ALTER POLICY "own" ON "app"."posts" USING (NOT done)"
    `)
  })

  test('an expression where there was none', async () => {
    const was: PolicyInput = { for: 'update', to: role.name, using: 'done' }
    const define = (builder: SchemaBuilder): SchemaBuilder =>
      builder.alterPolicy('own', 'app.posts', { withCheck: 'true' }, { was })
    await check(define, [`CREATE POLICY own ON app.posts FOR UPDATE TO ${role.name} USING (done)`])
    const inverse = invertAll(define(new SchemaBuilder()).operations)
    expect(role.plain(inverse.map(compile).join(';\n'))).toMatchInlineSnapshot(`
      "DROP POLICY "own" ON "app"."posts";
      CREATE POLICY "own" ON "app"."posts" FOR UPDATE TO "web" USING (done)"
    `)
  })

  test.for<PolicyInput | undefined>([
    undefined,
    { using: 'done' },
    { to: 'PUBLIC', using: 'done' },
  ])('cannot be undone with %j before it', (was) => {
    const builder = new SchemaBuilder().alterPolicy(
      'own',
      'posts',
      { using: 'true', withCheck: 'true' },
      was && { was },
    )
    expect(() => invertAll(builder.operations)).toThrow(IrreversibleError)
  })
})

test('renamePolicy', async () => {
  const said = await check(
    (builder) => {
      builder.renamePolicy('own', 'app.posts', 'authors only')
    },
    ['CREATE POLICY own ON app.posts'],
  )
  expect(said).toMatchInlineSnapshot(
    `"ALTER POLICY "own" ON "app"."posts" RENAME TO "authors only""`,
  )
})

test('dropPolicy', async () => {
  const said = await check(
    (builder) => {
      builder.dropPolicy('own', 'app.posts', {
        was: { for: 'select', to: role.name, using: 'done', as: 'restrictive' },
      })
    },
    [`CREATE POLICY own ON app.posts AS RESTRICTIVE FOR SELECT TO ${role.name} USING (done)`],
  )
  expect(said).toMatchInlineSnapshot(`"DROP POLICY "own" ON "app"."posts""`)
})

test('rows are hidden', async () => {
  await check((builder) => {
    builder.raw(
      `INSERT INTO app.posts VALUES (1, 'a', true), (2, 'b', false)`,
      'TRUNCATE app.posts',
    )
    builder.grant('usage', { on: { schema: 'app' }, to: role.name })
    builder.grant('select', { on: { table: 'app.posts' }, to: role.name })
    builder.policy('done ones', 'app.posts', { for: 'select', to: role.name, using: 'done' })
    builder.enableRls('app.posts')
    builder.raw(
      `
      SET ROLE ${role.name};
      DO $$ BEGIN ASSERT (SELECT array_agg(id) FROM app.posts) = '{1}'; END $$;
      RESET ROLE`,
      'SELECT 1',
    )
  })
})

test('in words', () => {
  const builder = new SchemaBuilder()
    .enableRls('a.posts')
    .enableRls('posts', { force: true })
    .policy('own', 'posts', { for: 'insert' })
    .alterPolicy('own', 'posts', { to: 'web' })
    .renamePolicy('own', 'posts', 'mine')
    .dropPolicy('mine', 'posts')
    .disableRls('posts')
  expect(builder.operations.map(inWords)).toMatchInlineSnapshot(`
    [
      "enable row level security of table "a.posts"",
      "enable and force row level security of table "posts"",
      "create policy "own" for insert of table "posts"",
      "change policy "own" of table "posts"",
      "rename policy "own" of table "posts" to "mine"",
      "drop policy "mine" of table "posts"",
      "disable row level security of table "posts"",
    ]
  `)
})

describe('bad calls', () => {
  test.for<[Partial<Record<keyof PolicyInput, unknown>>, string]>([
    [{ for: 'truncate' }, '"truncate" is not a value of for'],
    [{ as: 'strict' }, '"strict" is not a value of as'],
    [{ to: [] }, 'a list of roles is empty'],
    [{ to: '' }, 'non-empty'],
    [{ to: ['a', 'b\0'] }, 'NUL'],
    [{ to: 'current_user' }, "write 'CURRENT_USER' for the word, or { name: 'current_user' }"],
    [{ to: 'Public' }, "write 'PUBLIC' for the word, or { name: 'Public' }"],
    [{ to: 'public' }, "write 'PUBLIC', which is everybody"],
    [{ to: { name: 'public' } }, "write 'PUBLIC', which is everybody"],
    [{ using: '' }, 'using() needs an SQL expression'],
    [{ for: 'insert', using: 'true' }, 'write { withCheck } instead'],
    [{ for: 'select', withCheck: 'true' }, 'write { using } instead'],
    [{ for: 'delete', withCheck: 'true' }, 'write { using } instead'],
  ])('%j', ([input, message]) => {
    const builder = new SchemaBuilder()
    expect(failure(() => builder.policy('p', 'posts', input as PolicyInput))).toContain(message)
    expect(builder.operations).toEqual([])
  })

  test('of other calls', () => {
    const builder = new SchemaBuilder()
    const nothing: PolicyChangeInput = {}
    expect(failure(() => builder.alterPolicy('p', 'posts', nothing))).toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_DEFINITION
      alterPolicy() changes nothing of policy "p"
      pass { to }, { using } or { withCheck }; to rename it call renamePolicy()"
    `)
    expect(failure(() => builder.renamePolicy('p', 'posts', ''))).toContain('non-empty')
    expect(failure(() => builder.dropPolicy('p', 'a.b.c'))).toContain('is not a name')
    expect(failure(() => builder.createSchema('s', { authorization: 'Session_User' }))).toContain(
      "write 'SESSION_USER'",
    )
    expect(builder.operations).toEqual([])
  })
})

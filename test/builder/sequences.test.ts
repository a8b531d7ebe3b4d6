import { describe, expect, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import type { AlterSequenceOptions, SequenceOptions } from '../../src/builder/sequence-options.ts'
import { invertAll } from '../../src/operations/invert.ts'
import { compile } from '../../src/sql/compile.ts'
import { checkSql, emptyDatabase, useEngines } from '../helpers/check-sql.ts'
import { failure } from '../helpers/failure.ts'

const engines = useEngines()

const said = (
  define: (builder: SchemaBuilder) => unknown,
  before: readonly string[] = [],
): Promise<string> => checkSql(engines.all(), define, before)

describe('createSequence', () => {
  test('with and without options', async () => {
    expect(
      await said(
        (builder) =>
          builder
            .createSequence('plain')
            .createSequence('app.full', {
              as: 'integer',
              start: 100,
              increment: '10',
              min: -5n,
              max: 1_000_000,
              cache: 20,
              cycle: true,
              ownedBy: 'users.id',
            })
            .createSequence('down', { increment: -1, min: null, max: null, cycle: false })
            .createSequence('large', { start: 2n ** 63n - 1n, min: '-9223372036854775808' })
            .createSequence('owned', { ownedBy: 'public.people.id' })
            .createSequence('dotted', {
              ownedBy: { table: { name: 'a.b' }, column: 'c.d' },
            })
            .createSequence('free', { ownedBy: null }),
        [
          'CREATE SCHEMA app',
          'CREATE TABLE app.users (id int)',
          'CREATE TABLE people (id int)',
          'CREATE TABLE "a.b" ("c.d" int)',
        ],
      ),
    ).toMatchInlineSnapshot(`
      "CREATE SEQUENCE "plain";
      CREATE SEQUENCE "app"."full" AS integer INCREMENT BY 10 MINVALUE -5 MAXVALUE 1000000 START WITH 100 CACHE 20 CYCLE OWNED BY "app"."users"."id";
      CREATE SEQUENCE "down" INCREMENT BY -1 NO MINVALUE NO MAXVALUE NO CYCLE;
      CREATE SEQUENCE "large" MINVALUE -9223372036854775808 START WITH 9223372036854775807;
      CREATE SEQUENCE "owned" OWNED BY "public"."people"."id";
      CREATE SEQUENCE "dotted" OWNED BY "a.b"."c.d";
      CREATE SEQUENCE "free" OWNED BY NONE"
    `)
  })

  test('bad options', () => {
    const bad = (options: SequenceOptions): string =>
      failure(() => new SchemaBuilder().createSequence('s', options))
    expect(bad({ start: 1.5 })).toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_VALUE
      start of a sequence must be a whole number of up to 8 bytes, got 1.5
      pass a whole number; a large one as bigint or digits: 9007199254740993n"
    `)
    expect(bad({ min: Number.MAX_SAFE_INTEGER + 1 })).toContain('got 9007199254740992')
    expect(bad({ max: 2n ** 63n })).toContain('got 9223372036854775808')
    expect(bad({ cache: '1e3' })).toContain('got 1e3')
    expect(bad({ max: '' })).toContain('max of a sequence')
    expect(bad({ start: Number.NaN })).toContain('got NaN')
    expect(bad({ start: true as never })).toContain('got true')
    expect(bad({ increment: 0 })).toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_VALUE
      increment of a sequence must not be 0
      pass the step from one number to the next: 1, or -1 to descend"
    `)
    expect(bad({ as: 'numeric' as never })).toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_DEFINITION
      a sequence cannot be of type "numeric"
      use one of 'bigint', 'integer', 'smallint'"
    `)
    expect(bad({ ownedBy: 'id' })).toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_DEFINITION
      ownedBy needs a table and a column, got "id"
      write "table.column" or "schema.table.column""
    `)
    expect(bad({ ownedBy: 'users.' })).toContain('non-empty')
    expect(bad({ ownedBy: { table: 'a.b.c', column: 'd' } })).toContain('not a name')
    expect(failure(() => new SchemaBuilder().createSequence(''))).toContain('non-empty')
  })
})

describe('alterSequence', () => {
  const BEFORE = [
    'CREATE TABLE users (id int)',
    'CREATE SEQUENCE s AS integer INCREMENT BY 2 MINVALUE 0 MAXVALUE 1000 START WITH 10 CACHE 5 CYCLE OWNED BY users.id',
    'CREATE SEQUENCE plain',
  ]
  const WAS: SequenceOptions = {
    as: 'integer',
    increment: 2,
    min: 0,
    max: 1000,
    start: 10,
    cache: 5,
    cycle: true,
    ownedBy: 'users.id',
  }

  test('each part', async () => {
    expect(
      await said(
        (builder) =>
          builder
            .alterSequence('s', {
              as: 'bigint',
              increment: 10,
              min: null,
              max: null,
              start: 50,
              cache: 1,
              cycle: false,
              ownedBy: null,
              was: WAS,
            })
            .alterSequence('plain', {
              ownedBy: 'users.id',
              start: 7n,
              max: 9,
              cycle: true,
              was: {},
            })
            .alterSequence('plain', { restart: 5, was: { restart: 1 } })
            .alterSequence('plain', { restart: true, was: { restart: 5 } }),
        BEFORE,
      ),
    ).toMatchInlineSnapshot(`
      "ALTER SEQUENCE "s" AS bigint INCREMENT BY 10 NO MINVALUE NO MAXVALUE START WITH 50 CACHE 1 NO CYCLE OWNED BY NONE;
      ALTER SEQUENCE "plain" MAXVALUE 9 START WITH 7 CYCLE OWNED BY "users"."id";
      ALTER SEQUENCE "plain" RESTART WITH 5;
      ALTER SEQUENCE "plain" RESTART"
    `)
  })

  test.for([
    [{ as: 'smallint' }, 'CREATE SEQUENCE q'],
    [{ start: 5 }, 'CREATE SEQUENCE q MINVALUE 3'],
    [{ start: -5 }, 'CREATE SEQUENCE q INCREMENT BY -2'],
    [{ start: -5 }, 'CREATE SEQUENCE q INCREMENT BY -2 MAXVALUE -3'],
    [{ increment: 5, cache: 3 }, 'CREATE SEQUENCE q INCREMENT BY -2'],
    [{ ownedBy: 'users.id' }, 'CREATE SEQUENCE q'],
  ] as const)('%j of "%s" is undone', async ([change, create]) => {
    const number = (part: string): { [key: string]: string } => {
      const value = new RegExp(`${part} (-?\\d+)`).exec(create)?.[1]
      const names: Record<string, string> = {
        'INCREMENT BY': 'increment',
        MINVALUE: 'min',
        MAXVALUE: 'max',
      }
      return value === undefined ? {} : { [names[part] ?? '']: value }
    }
    const was = { ...number('INCREMENT BY'), ...number('MINVALUE'), ...number('MAXVALUE') }
    await said(
      (builder) => builder.alterSequence('q', { ...change, was }),
      ['CREATE TABLE users (id int)', create],
    )
  })

  test('the inverse of the inverse is the change', () => {
    const builder = new SchemaBuilder()
    builder.alterSequence('s', { increment: 10, ownedBy: null, was: WAS })
    const { operations } = builder
    const [back] = invertAll(operations)
    expect(back && compile(back)).toMatchInlineSnapshot(
      `"ALTER SEQUENCE "s" INCREMENT BY 2 OWNED BY "users"."id""`,
    )
    expect(invertAll(invertAll(operations)).map(compile)).toEqual(operations.map(compile))
  })

  test('restart has a way back only to a known number', () => {
    const back = (changes: AlterSequenceOptions): unknown => {
      const builder = new SchemaBuilder().alterSequence('s', changes)
      return invertAll(builder.operations).map(compile)
    }
    expect(back({ restart: 5, was: { restart: 9 } })).toEqual(['ALTER SEQUENCE "s" RESTART WITH 9'])
    expect(() => back({ restart: 5, was: {} })).toThrowErrorMatchingInlineSnapshot(`
      [IrreversibleError: FAASJS_PG_IRREVERSIBLE  "alterSequence" cannot be undone: alter sequence "s" (restart)
        why  the next number of the sequence before it is not recorded
        fix  say what was there with { was: … } where the call takes it, or write "export function down(builder)"; "export const down = false" refuses on purpose]
    `)
    expect(() => back({ increment: 5 })).toThrowErrorMatchingInlineSnapshot(`
      [IrreversibleError: FAASJS_PG_IRREVERSIBLE  "alterSequence" cannot be undone: alter sequence "s" (increment)
        why  the definition of the sequence before it is not recorded
        fix  say what was there with { was: … } where the call takes it, or write "export function down(builder)"; "export const down = false" refuses on purpose]
    `)
  })

  test('restart sets the next number', async () => {
    for (const database of engines.all()) {
      await emptyDatabase(database)
      await database.run(['CREATE SEQUENCE s START WITH 7'])
      const next = async (): Promise<number> =>
        Number((await database.query<{ n: string }>(`SELECT nextval('s') AS n`)).rows[0]?.n)
      expect(await next()).toBe(7)
      await new SchemaBuilder(database).alterSequence('s', { restart: '9007199254740993' }).run()
      const { rows } = await database.query(`SELECT nextval('s')::text AS n`)
      expect(rows).toEqual([{ n: '9007199254740993' }])
      await new SchemaBuilder(database).alterSequence('s', { restart: true }).run()
      expect(await next()).toBe(7)
    }
  })

  test('that changes nothing', () => {
    expect(failure(() => new SchemaBuilder().alterSequence('s', {}))).toMatchInlineSnapshot(`
      "FAASJS_PG_BAD_DEFINITION
      alterSequence("s") changes nothing
      say what to change: alterSequence('s', { increment: 10 })"
    `)
    expect(failure(() => new SchemaBuilder().alterSequence('s', { was: WAS }))).toContain(
      'changes nothing',
    )
  })
})

test('renameSequence, dropSequence', async () => {
  expect(
    await said(
      (builder) =>
        builder
          .renameSequence('app.s', 'app.t')
          .renameSequence('app.t', 'u')
          .dropSequence('app.u', { was: { increment: 5, start: 10n, ownedBy: 'users.id' } }),
      [
        'CREATE SCHEMA app',
        'CREATE TABLE app.users (id int)',
        'CREATE SEQUENCE app.s INCREMENT BY 5 START WITH 10 OWNED BY app.users.id',
      ],
    ),
  ).toMatchInlineSnapshot(`
    "ALTER SEQUENCE "app"."s" RENAME TO "t";
    ALTER SEQUENCE "app"."t" RENAME TO "u";
    DROP SEQUENCE "app"."u""
  `)
  expect(await said((builder) => builder.dropSequence('s'), ['CREATE SEQUENCE s'])).toBe(
    'DROP SEQUENCE "s"',
  )
  expect(failure(() => new SchemaBuilder().renameSequence('a.s', 'b.s'))).toMatchInlineSnapshot(`
    "FAASJS_PG_BAD_DEFINITION
    renaming cannot move sequence "s" to schema "b"
    PostgreSQL renames a sequence within its schema
    move it first: builder.raw('ALTER SEQUENCE … SET SCHEMA …')"
  `)
})

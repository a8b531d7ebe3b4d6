import { describe, expect, test } from 'vitest'

import { SchemaBuilder } from '../../src/builder/schema-builder.ts'
import { sql } from '../../src/builder/sql-fragment.ts'
import type { TriggerInput } from '../../src/builder/triggers.ts'
import { IrreversibleError } from '../../src/errors.ts'
import { describe as inWords } from '../../src/operations/describe.ts'
import { invertAll } from '../../src/operations/invert.ts'
import { checkSql, useEngines } from '../helpers/check-sql.ts'
import { failure } from '../helpers/failure.ts'

const engines = useEngines()

const BEFORE = [
  'CREATE SCHEMA app',
  'CREATE TABLE app.users (id integer, name text)',
  'CREATE VIEW shown AS SELECT * FROM app.users',
  'CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
]
const NOTED = 'CREATE TRIGGER noted BEFORE INSERT ON app.users EXECUTE FUNCTION app.note()'
const noted: TriggerInput = { when: 'before', events: ['insert'], execute: 'app.note' }

function check(
  define: (builder: SchemaBuilder) => unknown,
  before: readonly string[] = [],
): Promise<string> {
  return checkSql(engines.all(), define, [...BEFORE, ...before])
}

describe('createTrigger', () => {
  test('with every option', async () => {
    const said = await check((builder) => {
      builder.createTrigger('plain', 'app.users', noted)
      builder.createTrigger('some columns', 'app.users', {
        when: 'after',
        events: ['insert', 'delete', { update: ['id', 'name'] }],
        forEach: 'row',
        execute: 'app.note',
        args: ["it's", '2'],
      })
      builder.createTrigger('where', 'app.users', {
        when: 'before',
        events: ['update'],
        forEach: 'row',
        condition: sql`OLD.name IS DISTINCT FROM NEW.name AND NEW.name <> ${'x'}`,
        execute: 'app.note',
      })
      builder.createTrigger('all_rows', 'app.users', {
        when: 'after',
        events: ['update'],
        forEach: 'statement',
        referencing: { oldTable: 'before', newTable: 'after' },
        execute: 'app.note',
      })
      builder.createTrigger('emptied', 'app.users', {
        when: 'after',
        events: ['truncate'],
        execute: 'app.note',
      })
      builder.createTrigger('late', 'app.users', {
        when: 'after',
        events: ['insert'],
        constraint: true,
        deferrable: 'deferred',
        execute: 'app.note',
      })
      builder.createTrigger('through', 'shown', {
        when: 'instead of',
        events: ['insert', 'update'],
        execute: 'app.note',
      })
    })
    expect(said).toMatchInlineSnapshot(`
      "CREATE TRIGGER "plain" BEFORE INSERT ON "app"."users" EXECUTE FUNCTION "app"."note"();
      CREATE TRIGGER "some columns" AFTER INSERT OR DELETE OR UPDATE OF "id", "name" ON "app"."users" FOR EACH ROW EXECUTE FUNCTION "app"."note"('it''s', '2');
      CREATE TRIGGER "where" BEFORE UPDATE ON "app"."users" FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name AND NEW.name <> 'x') EXECUTE FUNCTION "app"."note"();
      CREATE TRIGGER "all_rows" AFTER UPDATE ON "app"."users" REFERENCING OLD TABLE AS "before" NEW TABLE AS "after" FOR EACH STATEMENT EXECUTE FUNCTION "app"."note"();
      CREATE TRIGGER "emptied" AFTER TRUNCATE ON "app"."users" EXECUTE FUNCTION "app"."note"();
      CREATE CONSTRAINT TRIGGER "late" AFTER INSERT ON "app"."users" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "app"."note"();
      CREATE TRIGGER "through" INSTEAD OF INSERT OR UPDATE ON "shown" FOR EACH ROW EXECUTE FUNCTION "app"."note"()"
    `)
  })

  test('replace', async () => {
    const said = await check(
      (builder) => {
        builder.createTrigger('noted', 'app.users', {
          ...noted,
          events: ['delete'],
          replace: true,
          was: noted,
        })
      },
      [NOTED],
    )
    expect(said).toMatchInlineSnapshot(
      `"CREATE OR REPLACE TRIGGER "noted" BEFORE DELETE ON "app"."users" EXECUTE FUNCTION "app"."note"()"`,
    )
  })

  test('without the old trigger there is no way back', () => {
    const builder = new SchemaBuilder().createTrigger('t', 'users', { ...noted, replace: true })
    expect(() => invertAll(builder.operations)).toThrow(IrreversibleError)
  })
})

test('renameTrigger', async () => {
  const said = await check(
    (builder) => {
      builder.renameTrigger('noted', 'app.users', 'seen')
    },
    [NOTED],
  )
  expect(said).toMatchInlineSnapshot(`"ALTER TRIGGER "noted" ON "app"."users" RENAME TO "seen""`)
})

test('dropTrigger', async () => {
  const said = await check(
    (builder) => {
      builder.dropTrigger('noted', 'app.users', { was: noted })
    },
    [NOTED],
  )
  expect(said).toMatchInlineSnapshot(`"DROP TRIGGER "noted" ON "app"."users""`)
})

describe('enableTrigger and disableTrigger', () => {
  test('there and back', async () => {
    const said = await check(
      (builder) => {
        builder.disableTrigger('noted', 'app.users')
        builder.enableTrigger('noted', 'app.users')
        builder.enableTrigger('noted', 'app.users', { mode: 'always', was: 'origin' })
        builder.enableTrigger('noted', 'app.users', { mode: 'replica', was: 'always' })
        builder.disableTrigger('noted', 'app.users', { was: 'replica' })
        builder.enableTrigger('noted', 'app.users', { mode: 'replica' })
      },
      [NOTED],
    )
    expect(said).toMatchInlineSnapshot(`
      "ALTER TABLE "app"."users" DISABLE TRIGGER "noted";
      ALTER TABLE "app"."users" ENABLE TRIGGER "noted";
      ALTER TABLE "app"."users" ENABLE ALWAYS TRIGGER "noted";
      ALTER TABLE "app"."users" ENABLE REPLICA TRIGGER "noted";
      ALTER TABLE "app"."users" DISABLE TRIGGER "noted";
      ALTER TABLE "app"."users" ENABLE REPLICA TRIGGER "noted""
    `)
  })

  test('the inverse of the inverse is the change itself', () => {
    const { operations } = new SchemaBuilder()
      .disableTrigger('noted', 'users')
      .enableTrigger('noted', 'users', { mode: 'always', was: 'replica' })
      .enableTrigger('noted', 'users', { was: 'disabled' })
    const again = invertAll(invertAll(operations)).map((operation) => JSON.stringify(operation))
    expect(again).toMatchInlineSnapshot(`
      [
        "{"kind":"disableTrigger","table":{"name":"users"},"trigger":"noted","was":"ORIGIN"}",
        "{"kind":"enableTrigger","table":{"name":"users"},"trigger":"noted","mode":"ALWAYS","was":"REPLICA"}",
        "{"kind":"enableTrigger","table":{"name":"users"},"trigger":"noted","was":"DISABLED"}",
      ]
    `)
  })
})

test('in words', () => {
  const builder = new SchemaBuilder()
    .createTrigger('t', 'a.users', noted)
    .createTrigger('t', 'users', { ...noted, replace: true })
    .renameTrigger('t', 'users', 'u')
    .disableTrigger('u', 'users')
    .enableTrigger('u', 'users', { mode: 'always' })
    .enableTrigger('u', 'users')
    .dropTrigger('u', 'users')
    .touchOnUpdate('users')
    .dropTouchOnUpdate('users', { column: 'changed' })
  expect(builder.operations.map(inWords)).toMatchInlineSnapshot(`
    [
      "create trigger "t" of table "a.users"",
      "create or replace trigger "t" of table "users"",
      "rename trigger "t" of table "users" to "u"",
      "disable trigger "u" of table "users"",
      "enable always trigger "u" of table "users"",
      "enable trigger "u" of table "users"",
      "drop trigger "u" of table "users"",
      "set column "updated_at" of table "users" to now on every update",
      "no longer set column "changed" of table "users" on update",
    ]
  `)
})

describe('bad calls', () => {
  test.for<[Partial<Record<keyof TriggerInput | 'replace' | 'was', unknown>>, string]>([
    [{ when: 'during' }, '"during" is not a value of when'],
    [{ events: [] }, 'a trigger needs an event'],
    [{ events: ['select'] }, '"select" is not a value of events'],
    [{ events: [{ update: [] }] }, 'a list of columns is empty'],
    [{ forEach: 'column' }, '"column" is not a value of forEach'],
    [{ condition: ' ' }, 'condition() needs an SQL expression'],
    [{ execute: '' }, 'non-empty'],
    [{ args: ['\0'] }, 'NUL'],
    [{ referencing: { oldTable: '' } }, 'non-empty'],
    [{ constraint: true }, "write { when: 'after' }"],
    [{ constraint: true, when: 'after', forEach: 'statement' }, 'fires for each row'],
    [{ when: 'instead of', forEach: 'statement' }, 'fires for each row'],
    [{ deferrable: 'deferred' }, 'add { constraint: true }'],
    [{ constraint: true, when: 'after', deferrable: 'later' }, '"later" is not a value'],
    [{ constraint: true, when: 'after', replace: true }, 'cannot replace a constraint trigger'],
    [{ was: noted }, 'add { replace: true }'],
    [{ replace: true, was: { ...noted, events: [] } }, 'a trigger needs an event'],
  ])('%j', ([part, message]) => {
    const builder = new SchemaBuilder()
    const input = { ...noted, ...part } as TriggerInput
    expect(failure(() => builder.createTrigger('t', 'users', input))).toContain(message)
    expect(builder.operations).toEqual([])
  })

  test('names and states', () => {
    const builder = new SchemaBuilder()
    expect(failure(() => builder.renameTrigger('t', 'users', ''))).toContain('non-empty')
    expect(failure(() => builder.touchOnUpdate('users', { column: '' }))).toContain('non-empty')
    expect(
      failure(() => builder.disableTrigger('t', 'users', { was: 'on' as 'origin' })),
    ).toContain('"on" is not a value of was')
    expect(
      failure(() => builder.enableTrigger('t', 'users', { mode: 'origin' as 'always' })),
    ).toContain('"origin" is not a value of mode')
    expect(builder.operations).toEqual([])
  })
})
